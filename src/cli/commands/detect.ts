import { parseArgs } from 'node:util';
import { type LedgerFinding, detect } from '#detect/sigma';
import { systemClock } from '#kernel';
import { openDataDir } from '../data-dir.ts';
import { type CliIo, EXIT } from '../io.ts';
import { count, duration, plural, time } from '../output/numbers.ts';
import { LEVELS, paintLevel } from '../output/style.ts';
import { table } from '../output/table.ts';
import { loadChosenRules } from '../rules.ts';
import { requireData, wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep detect --data DIR [OPTIONS]

Runs the rules over what came into the ledger since the last run, and appends each finding to the ledger, once.

  --data DIR         the data directory
  --rules PATH       a rule file, folder, .tgz or .zip; may be given several times
                     (default: the shipped hospital rules plus those imported)
  --exclude FILE     ids or names of rules to leave out, one a line
  --from INDEX       begin at this entry instead of where the last run ended, e.g. after importing rules: --from 0
  --key-file FILE    the master key, where it does not lie in its default place
  --json             the summary and the findings as JSON

Exit code: 0 done, whatever was found; 1 it could not be done; 2 wrong usage.

Example:
  wardkeep detect --data /var/lib/wardkeep
`;

/** Findings listed by the command; all of them stand in the ledger. */
const LISTED_MAX = 1_000;

export async function detectCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string' },
      rules: { type: 'string', multiple: true },
      exclude: { type: 'string' },
      from: { type: 'string' },
      'key-file': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  const from = wholeNumber('--from', values.from);
  const started = Date.now();
  const ruleSet = loadChosenRules({ paths: values.rules ?? [], exclude: values.exclude, dataDir: dir }, io);
  await using data = await openDataDir(dir, io, { keyFile: values['key-file'] });
  const listed: LedgerFinding[] = [];
  const { ledger, state } = data;
  const summary = await detect({
    ledger,
    state,
    ruleSet,
    clock: systemClock,
    from,
    onFinding: (finding) => {
      if (listed.length < LISTED_MAX) listed.push(finding);
    },
  });
  await ledger.publish();
  if (values.json === true) {
    io.stdout(`${JSON.stringify({ ...summary, tree_size: ledger.size, listed: listed.map(asJson) })}\n`);
    return EXIT.ok;
  }
  if (listed.length > 0) io.stdout(asTable(listed, io));
  io.stderr(
    `Looked at ${plural(summary.events, 'event')} (entries ${count(summary.from)} to ${count(summary.to)}) in ${duration((Date.now() - started) / 1000)}: ` +
      `${plural(summary.findings, 'new finding')}${summary.known > 0 ? `, ${count(summary.known)} known before` : ''}.\n`,
  );
  if (summary.unreadable > 0)
    io.stderr(
      `${plural(summary.unreadable, 'entry', 'entries')} could not be read: their bodies are erased or expired.\n`,
    );
  return EXIT.ok;
}

function asJson({ rule, kind, indexes, total, timeMs, match, group }: LedgerFinding) {
  const { id, title, level, tags, author } = rule;
  return { kind, rule: { id, title, level, tags, author: author ?? null }, indexes, total, time: timeMs, match, group };
}

function asTable(findings: readonly LedgerFinding[], io: CliIo): string {
  const rows = findings.toSorted(
    (a, b) => LEVELS.indexOf(a.rule.level) - LEVELS.indexOf(b.rule.level) || a.timeMs - b.timeMs,
  );
  const columns = [
    { title: 'LEVEL', width: 13 },
    { title: 'TIME (UTC)', width: 20 },
    { title: 'RULE', width: Math.max(24, io.columns - 13 - 20 - 20 - 6) },
    { title: 'ENTRIES', width: 20 },
  ];
  const cells = rows.map(({ rule, timeMs, indexes, total }) => [
    rule.level,
    time(timeMs),
    rule.title,
    total === 1 ? String(indexes[0]) : `${total} up to ${indexes.at(-1)}`,
  ]);
  return table(columns, cells, (text, row, column) =>
    column === 0 ? paintLevel(io, rows[row]?.rule.level ?? 'informational', text) : text,
  );
}
