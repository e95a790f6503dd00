/** The README's table of formats, made from the sources themselves: `node scripts/formats-table.ts` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SOURCES } from '#ingest';

const README = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- formats: node scripts/formats-table.ts -->';
const END = '<!-- /formats -->';

/** The table as Markdown, a row a source. */
export function formatsTable(): string {
  const rows = SOURCES.map(({ name, title, oracle }) =>
    [`\`${name}\``, title, oracle === 'none' ? 'no outside oracle' : oracle].map(escaped).join(' | '),
  );
  return ['| `--format` | what | checked against |', '|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

/**
 * A page with the table between its marks.
 * @throws {Error} when the marks are missing.
 */
export function withFormatsTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${formatsTable()}\n${page.slice(end)}`;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

if (import.meta.main) writeFileSync(README, withFormatsTable(readFileSync(README, 'utf8')));
