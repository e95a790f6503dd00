import { parseArgs } from 'node:util';
import { type IngestSummary, PatientCounter, SOURCES, ingest, requirePaths, retryRejected } from '#ingest';
import { systemClock } from '#kernel';
import { readConfig } from '#kernel/config';
import { openDataDir } from '../data-dir.ts';
import { type CliIo, EXIT } from '../io.ts';
import { formatName } from '../format-name.ts';
import { bytes, count, duration, plural } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { paint, printable } from '../output/style.ts';
import { wrap } from '../output/wrap.ts';
import { inputBytes } from '../sizes.ts';
import { UsageError, requireData, yearNumber, zoneName } from '../usage.ts';

const HELP = `Usage: wardkeep ingest --data DIR [OPTIONS] FILE|DIR|-...

Appends the records of logs to the ledger in DIR (made when there is none).
What does not parse is kept too, with its reason. Of a field that a JSON record
states twice the last counts; the record as received keeps both. Running the
same command again goes on where it stopped: each record stands in the ledger
once, also after a crash. "-" reads standard input as it comes, also a pipe that
stays open (tail -F); a stream that begins like an earlier one goes on where
that ended.

  --data DIR        the data directory
  --format NAME     read everything as this format instead of recognising it
  --formats         list the formats
  --zone ZONE       time zone of logs that state none, e.g. Europe/Berlin
                    (default UTC; such times are marked)
  --year YEAR       year of logs that state none
                    (default: that of the file's modification)
  --retry-rejected  parse again what an earlier version could not; what now
                    parses is appended, linked to its first index. Files that
                    are named beside it are read after that
  --key-file FILE   the master key, where it does not lie in its default place
  --json            the summary as JSON; with --retry-rejected and files, what
                    was tried again stands in "retried"

Exit code: 0 all was read; 1 something could not be read or written; 2 wrong
usage.

Examples:
  wardkeep ingest --data /var/lib/wardkeep /var/log/audit
  zcat fw.log.gz | wardkeep ingest --data /var/lib/wardkeep --format cisco-asa -
`;

export async function ingestCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      format: { type: 'string' },
      zone: { type: 'string' },
      year: { type: 'string' },
      'retry-rejected': { type: 'boolean' },
      'key-file': { type: 'string' },
      json: { type: 'boolean' },
      formats: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true || values.formats === true) {
    io.stdout(values.help === true ? HELP : formats());
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  const retry = values['retry-rejected'] === true;
  if (positionals.length === 0 && !retry)
    throw new UsageError('name at least one file or folder, or - for standard input');
  if (positionals.includes('-') && positionals.length > 1)
    throw new UsageError('- stands alone: standard input is one source');
  await requirePaths(positionals.filter((path) => path !== '-'));
  const config = readConfig(dir);
  const zone = zoneName('--zone', values.zone) ?? zoneName('"zone" in wardkeep.json', config.zone);
  const options = { format: formatName(values.format), zone, raw: config.raw, year: yearNumber(values.year) };

  await using data = await openDataDir(dir, io, { create: positionals.length > 0, keyFile: values['key-file'] });
  await using patients = await PatientCounter.open(data.state, data.ledger);
  const context = { ledger: data.ledger, patients, clock: systemClock, ...options };
  const total = inputBytes(positionals);
  let retried: IngestSummary | null = null;
  let summary: IngestSummary | null = null;
  {
    using progress = new ProgressLine(io);
    const onProgress = (so: Readonly<IngestSummary>): void =>
      progress.update(so.bytes, total.exact ? total.bytes : 0, so.events + so.rejected);
    if (retry) retried = await retryRejected(context);
    if (positionals[0] === '-') summary = await ingest({ ...context, paths: [], stdin: io.stdin(), onProgress });
    else if (positionals.length > 0) summary = await ingest({ ...context, paths: positionals, onProgress });
  }
  await data.ledger.publish();
  const done: Done = { retried, summary, size: data.ledger.size, root: data.ledger.rootHash().toString('base64') };
  io.stdout(values.json === true ? `${JSON.stringify(asJson(done))}\n` : asText(done, io));
  return (summary?.problems.length ?? 0) > 0 ? EXIT.failed : EXIT.ok;
}

/** What was tried again, what was read, either null where it was not asked for; and the ledger after it. */
interface Done {
  retried: IngestSummary | null;
  summary: IngestSummary | null;
  size: number;
  root: string;
}

function asJson({ retried, summary, size, root }: Done) {
  const all = summary ?? retried;
  const { seconds = 0, events = 0, rejected = 0 } = all ?? {};
  return {
    ...all,
    events_per_s: rate(events + rejected, seconds),
    ...(summary === null || retried === null ? {} : { retried }),
    tree_size: size,
    root,
  };
}

function asText({ retried, summary, size, root }: Done, io: CliIo): string {
  const lines = [
    ...(retried === null ? [] : [`Retried   ${retriedText(retried)}`]),
    ...(summary === null ? [] : readLines(summary)),
    `Ledger    ${plural(size, 'entry', 'entries')}, root ${root}`,
    ...(summary === null ? [] : noteLines(summary, io)),
  ];
  return `${lines.map((line) => foldUnderLabel(line, io.columns)).join('\n')}\n`;
}

function retriedText({ events, rejected }: IngestSummary): string {
  if (events + rejected === 0) return 'nothing: no rejected record is left to be tried again';
  const still = rejected === 0 ? 'none is still rejected' : `${plural(rejected, 'record')} still rejected`;
  return `${plural(events, 'event')} appended of what was rejected before, ${still}`;
}

function readLines({ events, rejected, seconds, bytes: read, bySource, byReject }: IngestSummary): string[] {
  const sources = Object.entries(bySource).map(([name, number]) => `${name} ${count(number)}`);
  return [
    `Appended  ${plural(events, 'event')}${sources.length === 0 ? '' : ` (${sources.join(', ')})`}`,
    `Rejected  ${rejected === 0 ? 'none' : rejects(rejected, byReject)}`,
    `Read      ${bytes(read)} in ${duration(seconds)}, ${count(rate(events + rejected, seconds))} events/s`,
  ];
}

function noteLines({ timeless, notices, problems }: IngestSummary, io: CliIo): string[] {
  const lines: string[] = [];
  if (timeless > 0)
    lines.push(
      `No time   ${plural(timeless, 'event')}: the source states none, the time of receipt stands in its place`,
    );
  for (const { file, member, text } of notices)
    lines.push(paint(io, `Passed over ${place(file, member)}: ${text}`, 'dim'));
  for (const { file, member, text, advice } of problems)
    lines.push(
      paint(
        io,
        `Not read to its end: ${place(file, member)}: ${printable(text)}${advice === undefined ? '' : `; ${advice}`}`,
        'yellow',
      ),
    );
  return lines;
}

function rejects(rejected: number, byReject: Record<string, number>): string {
  const codes = Object.entries(byReject).map(([code, number]) => `${code} ${count(number)}`);
  return `${plural(rejected, 'record')} (${codes.join(', ')}); kept raw, see "wardkeep events --class 0"`;
}

const LABEL_COLUMNS = 10;

/** A line that is too long goes on under its text, not under its label. */
function foldUnderLabel(line: string, columns: number): string {
  if (line.length <= columns || !/^[A-Z][a-z ]{8}\s/.test(line)) return line;
  const text = wrap(line.slice(LABEL_COLUMNS), columns, ' '.repeat(LABEL_COLUMNS));
  return line.slice(0, LABEL_COLUMNS) + text.slice(LABEL_COLUMNS);
}

function place(file: string, member: string | null): string {
  return printable(member === null ? file : `${file} (${member})`);
}

function rate(records: number, seconds: number): number {
  return Math.round(records / Math.max(seconds, 0.001));
}

function formats(): string {
  const width = Math.max(...SOURCES.map(({ name }) => name.length));
  const rows = SOURCES.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return `  ${'auto'.padEnd(width)}  recognise by content (the default)\n${rows.join('\n')}\n`;
}
