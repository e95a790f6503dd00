import { fit } from './style.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Columns of text; the last column takes what is left. */
  width: number;
}

/** Rows of cells under a header. A cell is cut to its column before `paint` sees it, so that colours never count as width. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const line = (cells: readonly string[], painted: (text: string, column: number) => string): string =>
    columns
      .map(({ width, align }, column) => {
        const text = fit(cells[column] ?? '', width);
        const padding = ' '.repeat(Math.max(0, width - text.length));
        return align === 'right' ? padding + painted(text, column) : painted(text, column) + padding;
      })
      .join('  ')
      .trimEnd();
  const header = line(
    columns.map(({ title }) => title),
    (text) => text,
  );
  const body = rows.map((cells, row) => line(cells, (text, column) => paint(text, row, column)));
  return `${[header, ...body].join('\n')}\n`;
}
