import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Archive, HUNT_ROWS_MAX, type SqlResult } from '#archive';
import { type CliIo, EXIT } from '../io.ts';
import { openArchiveOf } from '../open-archive.ts';
import { plural } from '../output/numbers.ts';
import { printObjects } from '../output/objects.ts';
import { table } from '../output/table.ts';
import { UsageError, oneOf, requireData, wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep hunt --data DIR [OPTIONS] "SQL"
       wardkeep hunt --data DIR --views

Asks all events a question in SQL (DuckDB's dialect): one SELECT or EXPLAIN over
the views. Nothing can be changed by it and no file be read. Works beside a
running server.

  --data DIR       the data directory
  --views          the views, their columns and an example of each
  --limit N        at most so many rows (default 1000, at most 10000)
  --seconds N      stop after so long (default 10, at most 120)
  --output FORM    table (default), json, csv, or ndjson
  --to FILE        write csv, json or parquet, by the file's ending; at most
                   1,000,000 rows (--limit can say fewer)
  --mask-patients  stand-ins in the place of patients
  --key-file FILE  the master key, where it does not lie in its default place

Exit code: 0 done, whatever was found; 1 it could not be done; 2 wrong usage.

Examples:
  wardkeep hunt --data DIR "SELECT class, count(*) FROM events GROUP BY ALL"
  wardkeep hunt --data DIR --output csv "SELECT user_name, count(DISTINCT
    patient) FROM phi_access WHERE day >= today() - 30 GROUP BY ALL"
`;

const OUTPUTS = ['table', 'json', 'csv', 'ndjson'] as const;
const LIMIT_DEFAULT = 1_000;
const EXPORT_LIMIT = 1_000_000;
const SECONDS_DEFAULT = 10;

export async function huntCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      views: { type: 'boolean' },
      limit: { type: 'string' },
      seconds: { type: 'string' },
      output: { type: 'string' },
      to: { type: 'string' },
      'mask-patients': { type: 'boolean' },
      'key-file': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  const [sql, ...more] = positionals;
  if (more.length > 0) throw new UsageError('the SQL is one argument: put it in quotes');
  if (sql === undefined && values.views !== true)
    throw new UsageError('the SQL is missing; --views shows what there is');
  const output = oneOf('--output', values.output, OUTPUTS) ?? 'table';
  const limit = wholeNumber('--limit', values.limit, 1);
  const timeMs = (wholeNumber('--seconds', values.seconds, 1) ?? SECONDS_DEFAULT) * 1_000;
  const format = values.to === undefined ? null : formatOf(values.to);
  await using opened = await openArchiveOf(dir, io, values['key-file']);
  const { archive } = opened;
  if (sql === undefined) {
    io.stdout(viewsText(archive));
    return EXIT.ok;
  }
  const options = { timeMs, seesPatients: values['mask-patients'] !== true };
  if (values.to !== undefined && format !== null) {
    await archive.exportTo(resolve(io.cwd, values.to), sql, { ...options, format, limit: limit ?? EXPORT_LIMIT });
    return EXIT.ok;
  }
  const result = await archive.hunt(sql, { ...options, limit: Math.min(HUNT_ROWS_MAX, limit ?? LIMIT_DEFAULT) });
  print(result, output, io);
  for (const name of result.skipped)
    io.stderr(`Passed over, since it is damaged: ${name}. wardkeep rebuild makes it again.\n`);
  if (result.isTruncated)
    io.stderr(`Shown are the first ${plural(result.rows.length, 'row', 'rows')}; --limit shows more.\n`);
  return EXIT.ok;
}

function formatOf(path: string): 'csv' | 'json' | 'parquet' {
  const ending = oneOf('the ending of --to', path.slice(path.lastIndexOf('.') + 1), [
    'csv',
    'json',
    'parquet',
  ] as const);
  return ending ?? 'csv';
}

function print(result: SqlResult, output: (typeof OUTPUTS)[number], io: CliIo): void {
  const names = result.columns.map(({ name }) => name);
  if (output === 'table') io.stdout(asTable(result, io));
  else if (output === 'csv') io.stdout(csv([names, ...result.rows]));
  else {
    const objects = result.rows.map((row) => Object.fromEntries(names.map((name, n) => [name, row[n] ?? null])));
    printObjects(objects, output, io);
  }
}

/** RFC 4180. */
function csv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A log line can be a formula, which a spreadsheet would run: such texts get an apostrophe in front. */
function csvCell(value: unknown): string {
  const text = textOf(value);
  const safe = typeof value === 'string' && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const CELL_WIDTH_MAX = 60;
const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL)/;

function asTable({ columns, rows }: SqlResult, io: CliIo): string {
  const texts = rows.map((row) => row.map((value) => textOf(value).replaceAll(/\s+/g, ' ')));
  // A single column (a plan, one text) may be as wide as the terminal.
  const widest = columns.length === 1 ? io.columns : CELL_WIDTH_MAX;
  const heads = columns.map(({ name, type }, n) => {
    const width = Math.max(name.length, ...texts.map((row) => row[n]?.length ?? 0));
    return {
      title: name,
      width: Math.min(widest, width),
      align: NUMBERS.test(type) ? ('right' as const) : ('left' as const),
    };
  });
  return table(heads, texts);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function viewsText(archive: Archive): string {
  return archive
    .views()
    .map(({ name, description, columns, example }) => {
      const width = Math.max(...columns.map((column) => column.name.length));
      const lines = columns.map(
        (column) => `  ${column.name.padEnd(width)}  ${column.type.padEnd(9)}  ${column.description}`,
      );
      return `${name}: ${description}\n${lines.join('\n')}\n  Example: ${example}\n`;
    })
    .join('\n');
}
