/** Cells a row; a row with more is no record of ours. */
export const CELLS_MAX = 1024;

/**
 * The cells of one line of comma-separated values (RFC 4180): quoted cells may hold commas, and quotes doubled. A quote that
 * never closes takes the rest of the line. Null for more than 1,024 cells.
 */
export function readCsvLine(line: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (cells.length >= CELLS_MAX) return null;
    if (line.charCodeAt(at) === 0x22) {
      const end = closingQuote(line, at + 1);
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      const comma = line.indexOf(',', end + 1);
      at = comma === -1 ? line.length + 1 : comma + 1;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma === -1 ? line.length : comma;
      cells.push(line.slice(at, end));
      at = end + 1;
    }
  }
  return cells;
}

function closingQuote(line: string, start: number): number {
  let at = line.indexOf('"', start);
  while (at !== -1 && line.charCodeAt(at + 1) === 0x22) at = line.indexOf('"', at + 2);
  return at === -1 ? line.length : at;
}
