import { parseArgs } from 'node:util';
import { type Ledger, openLedger } from '#ledger';
import { eventFilter } from '../event-filter.ts';
import { type FoundEvent, findEvents } from '../find-events.ts';
import { openSealed } from '../find-sealed.ts';
import { type CliIo, EXIT } from '../io.ts';
import { plural, time } from '../output/numbers.ts';
import { printEach } from '../output/objects.ts';
import { fit } from '../output/style.ts';
import { table } from '../output/table.ts';
import { excerpt, isRejected } from '../raw-record.ts';
import { rawsOf, shownEvents } from '../shown-events.ts';
import { oneOf, requireData, wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep events --data DIR [OPTIONS]

Shows events of the ledger, newest first. Where a server has made an archive
beside it, what is old is looked up there; else the ledger is read as a whole.

  --data DIR       the data directory
  --since TIME     event time at or after: 2026-11-24, 2026-11-24T08:00Z, or so
                   long ago: 30m, 24h, 7d
  --until TIME     event time before
  --class CLASS    class by number (6005; 0 = rejected and unclassified) or by
                   name (authentication)
  --user TEXT      a user's name, id or e-mail address
  --patient TEXT   a patient's id
  --ip ADDRESS     source, destination or device address, or the host's name
  --text TEXT      anywhere in the event, or in a rejected record (letter case
                   does not matter)
  --limit N        at most so many (default 50)
  --output FORM    table (default), json, or ndjson; both give the whole events,
                   with their index and the record as received (raw_data; base64
                   where it is not UTF-8; not where its hash alone is kept)
  --key-file FILE  the master key, where it does not lie in its default place

Exit code: 0 done, whatever was found; 1 it could not be done; 2 wrong usage.

Examples:
  wardkeep events --data /var/lib/wardkeep --patient 12345 --since 30d
  wardkeep events --data /var/lib/wardkeep --class 2004 --output ndjson
`;

const OUTPUTS = ['table', 'json', 'ndjson'] as const;
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 100_000;

export async function eventsCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      class: { type: 'string' },
      user: { type: 'string' },
      patient: { type: 'string' },
      ip: { type: 'string' },
      text: { type: 'string' },
      limit: { type: 'string' },
      output: { type: 'string' },
      'key-file': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  const nowMs = Date.now();
  const output = oneOf('--output', values.output, OUTPUTS) ?? 'table';
  const limit = Math.min(LIMIT_MAX, wholeNumber('--limit', values.limit, 1) ?? LIMIT_DEFAULT);
  const filter = eventFilter(values, nowMs);
  const key = values['key-file'] === undefined ? {} : { keyFile: values['key-file'] };
  await using ledger = await openLedger({ dir, mode: 'read', ...key });
  await using sealed = await openSealed(dir, ledger, { filter, limit });
  const { found, isMore, unreadable } = await findEvents(ledger, { filter, limit, sealed });
  if (output !== 'table') await printEach(shownEvents(ledger, found), output, io);
  else if (found.length > 0) io.stdout(withRaw(asTable(found, io), await rejectedRaws(ledger, found), io));
  if (isMore) io.stderr(`Shown are the newest ${found.length}; older ones fit, too: --limit shows more.\n`);
  if (found.length === 0) io.stderr('No event fits.\n');
  if (unreadable > 0) io.stderr(`${unreadableText(unreadable)}\n`);
  return EXIT.ok;
}

function unreadableText(many: number): string {
  const bodies = many === 1 ? 'its body is' : 'their bodies are';
  return `${plural(many, 'entry', 'entries')} that might fit could not be looked at: ${bodies} erased, expired or sealed.`;
}

/** Characters of a record that did not parse, below its row. */
const RAW_CHARS = 80;

/** The beginning of each record that did not parse, by its place in `found`. */
async function rejectedRaws(ledger: Ledger, found: readonly FoundEvent[]): Promise<Map<number, string>> {
  const places = new Map(found.flatMap(({ index, event }, place) => (isRejected(event) ? [[index, place]] : [])));
  const excerpts = new Map<number, string>();
  for await (const { index, raw } of rawsOf(ledger, [...places.keys()]))
    if (raw !== null && raw.length > 0) excerpts.set(places.get(index) ?? 0, excerpt(raw, RAW_CHARS));
  return excerpts;
}

const INDENT = '          ';

/** The table with the records below their rows; its first line is the header. */
function withRaw(text: string, raws: ReadonlyMap<number, string>, io: CliIo): string {
  const lines: string[] = [];
  for (const [n, line] of text.trimEnd().split('\n').entries()) {
    lines.push(line);
    const raw = raws.get(n - 1);
    if (raw !== undefined) lines.push(INDENT + fit(raw, Math.max(RAW_CHARS / 2, io.columns - INDENT.length)));
  }
  return `${lines.join('\n')}\n`;
}

/** Below it there is no room for a column of its own for what happened, who did it and from where. */
const COLUMNS_FOR_ALL = 110;

function asTable(found: readonly FoundEvent[], io: CliIo): string {
  const index = { title: 'INDEX', width: 8, align: 'right' as const };
  const when = { title: 'TIME (UTC)', width: 20 };
  if (io.columns < COLUMNS_FOR_ALL) {
    const who = { title: 'WHO OR FROM', width: 16 };
    const rest = { title: 'WHAT', width: Math.max(20, io.columns - 8 - 20 - 16 - 6) };
    const cells = found.map((one) => [...begin(one), one.who || one.from, one.detail || one.what]);
    return table([index, when, who, rest], cells);
  }
  const columns = [
    index,
    when,
    { title: 'WHAT', width: 22 },
    { title: 'WHO', width: 18 },
    { title: 'FROM', width: 18 },
    { title: 'DETAIL', width: Math.max(14, io.columns - 8 - 20 - 22 - 18 - 18 - 10) },
  ];
  const cells = found.map((one) => [
    ...begin(one),
    one.what,
    one.who,
    one.from,
    one.detail || (one.event.metadata.log_format ?? ''),
  ]);
  return table(columns, cells);
}

function begin({ index, event }: FoundEvent): string[] {
  return [String(index), time(event.time)];
}
