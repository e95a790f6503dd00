import { parseArgs } from 'node:util';
import { type DetectSummary, type LedgerFinding, detect } from '#detect/sigma';
import { systemClock } from '#kernel';
import { openDataDir } from '../data-dir.ts';
import { type CliIo, EXIT } from '../io.ts';
import { count, duration, plural } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { RuleTable } from '../output/rule-table.ts';
import { loadChosenRules } from '../rules.ts';
import { UsageError, requireData, wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep detect --data DIR [OPTIONS]

Runs the rules over what came into the ledger since the last run, and appends
each finding to the ledger, once.

  --data DIR       the data directory
  --rules PATH     a rule file, folder, .tgz or .zip; may be given several times
                   (default: the shipped hospital rules plus the imported ones)
  --exclude FILE   ids or names of rules to leave out, one a line
  --from INDEX     begin at this entry instead of where the last run ended,
                   e.g. after importing rules: --from 0
  --key-file FILE  the master key, where it does not lie in its default place
  --json           the summary and the findings as JSON

Exit code: 0 done, whatever was found; 1 it could not be done; 2 wrong usage.

Example:
  wardkeep detect --data /var/lib/wardkeep
`;

/** Findings in the JSON; all of them stand in the ledger. */
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
  const ruleSet = await loadChosenRules({ paths: values.rules ?? [], exclude: values.exclude, dataDir: dir }, io);
  await using data = await openDataDir(dir, io, { keyFile: values['key-file'] });
  const listed: LedgerFinding[] = [];
  const found = new RuleTable();
  const { ledger, state } = data;
  if (from !== undefined && from > ledger.size)
    throw new UsageError(
      `--from ${from} lies behind the end: the ledger has ${plural(ledger.size, 'entry', 'entries')}`,
    );
  let summary: DetectSummary;
  {
    using progress = new ProgressLine(io);
    summary = await detect({
      ledger,
      state,
      ruleSet,
      clock: systemClock,
      from,
      onFinding: (finding) => {
        if (listed.length < LISTED_MAX) listed.push(finding);
        found.add(finding.rule, { timeMs: finding.timeMs, entry: finding.indexes.at(-1) });
      },
      onProgress: (done, total) => progress.entries(done, total),
    });
  }
  await ledger.publish();
  if (values.json === true) {
    io.stdout(`${JSON.stringify({ ...summary, tree_size: ledger.size, listed: listed.map(asJson) })}\n`);
    return EXIT.ok;
  }
  io.stdout(found.render(io));
  io.stderr(summaryText(summary, found, (Date.now() - started) / 1000));
  if (summary.unreadable > 0)
    io.stderr(
      `${plural(summary.unreadable, 'entry', 'entries')} could not be read: their bodies are erased or expired.\n`,
    );
  return EXIT.ok;
}

function summaryText({ from, to, events, findings, known }: DetectSummary, found: RuleTable, seconds: number): string {
  const before = known > 0 ? `; ${count(known)} known before` : '';
  if (to === from && events === 0)
    return `Nothing new since the last run: ${plural(to, 'entry', 'entries')} looked at already.\n`;
  return (
    `Looked at ${plural(events, 'event')} (entries ${count(from)} to ${count(to - 1)}) in ${duration(seconds)}.\n` +
    `${findings === 0 ? 'No new finding' : `${plural(findings, 'new finding')}: ${found.levels()}`}${before}.\n`
  );
}

function asJson({ rule, kind, indexes, total, timeMs, match, group }: LedgerFinding) {
  const { id, title, level, tags, author } = rule;
  return { kind, rule: { id, title, level, tags, author: author ?? null }, indexes, total, time: timeMs, match, group };
}
