export type Cell = string | number | null;

/** What a spreadsheet takes for a formula: whoever writes a log must not run something in it. */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows as CSV (RFC 4180, UTF-8 with its mark, so that spreadsheets read names right); the first row's names are the head. */
export function csvOf(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names.map(field), ...rows.map((row) => names.map((name) => field(row[name] ?? null)))];
  return `\uFEFF${lines.map((line) => `${line.join(',')}\r\n`).join('')}`;
}

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
