import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { LEVELS, type Level } from '#detect/sigma';
import { requirePaths } from '#ingest';
import { formatName } from '../format-name.ts';
import { type CliIo, EXIT } from '../io.ts';
import { ProgressLine } from '../output/progress.ts';
import { RuleTable } from '../output/rule-table.ts';
import { loadChosenRules } from '../rules.ts';
import { ScanCorrelator } from '../scan/correlate.ts';
import { type Finding, eventFinding } from '../scan/findings.ts';
import { summary } from '../scan/report.ts';
import { scan } from '../scan/scan.ts';
import type { ScanTotals } from '../scan/types.ts';
import { inputBytes } from '../sizes.ts';
import { UsageError, oneOf, wholeNumber, yearNumber, zoneName } from '../usage.ts';

const HELP = `Usage: wardkeep scan [OPTIONS] FILE|DIR...

Runs Sigma rules over logs and tells what they found. Nothing is stored and no
set-up is needed. Files are recognised by their content; .gz, .zip, .tar and
.tgz are read through.

  --rules PATH    a rule file, folder, .tgz or .zip; may be given several times
                  (default: the shipped hospital rules plus the imported ones)
  --exclude FILE  ids or names of rules to leave out, one a line
  --level LEVEL   rules of at least this level: informational, low, medium,
                  high, critical
  --format NAME   read everything as this format instead of recognising it
                  ("wardkeep ingest --formats" lists them)
  --zone ZONE     time zone of logs that state none, e.g. Europe/Berlin
                  (default UTC; such times are marked)
  --year YEAR     year of logs that state none
                  (default: that of the file's modification)
  --output FORM   table (default), json, or ndjson: one finding a line, as found
  --threads N     threads (default: one for little input, else up to 2); each
                  further one takes about 115 MB for a copy of the rules, and
                  speeds up large input where a processor is free for it

Findings go to standard output, the summary to standard error.
Exit code: 0 the scan completed, whatever it found; 1 something could not be
read; 2 wrong usage.

Examples:
  wardkeep scan Security.evtx
  wardkeep scan --level high /var/log
  wardkeep scan --rules sigma_all_rules.zip --output ndjson evidence.zip
`;

const OUTPUTS = ['table', 'json', 'ndjson'] as const;
const THREADS_MAX = 64;
/** With more the memory of all rules would pass 400 MB: each holds them for itself, some 115 MB. */
const THREADS_DEFAULT_MAX = 2;
/** Below this much input one thread is done before others have loaded the rules. */
const INPUT_BYTES_FOR_THREADS = 4 * 1024 * 1024;

export async function scanCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rules: { type: 'string', multiple: true },
      exclude: { type: 'string' },
      level: { type: 'string' },
      format: { type: 'string' },
      zone: { type: 'string' },
      year: { type: 'string' },
      output: { type: 'string' },
      threads: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  if (positionals.length === 0) throw new UsageError('name at least one file or folder to scan');
  const output = oneOf('--output', values.output, OUTPUTS) ?? 'table';
  const level = oneOf('--level', values.level, LEVELS);
  const year = yearNumber(values.year);
  const zone = zoneName('--zone', values.zone);
  const format = formatName(values.format);
  const threads = wholeNumber('--threads', values.threads, 1) ?? defaultThreads(positionals);
  if (threads > THREADS_MAX) throw new UsageError(`--threads takes at most ${THREADS_MAX}`);

  await requirePaths(positionals);

  const started = Date.now();
  const ruleSet = await loadChosenRules({ paths: values.rules ?? [], exclude: values.exclude, level }, io);
  const correlator = new ScanCorrelator(ruleSet);
  const found = new RuleTable();
  const printer = createPrinter(output, io);
  const show = (finding: Finding): void => {
    // Rules below the level are loaded where a correlation of the level looks at their matches.
    if (!isShown(finding, level)) return;
    found.add(finding.rule, { timeMs: finding.event.time === null ? null : Date.parse(finding.event.time) });
    printer.add(finding);
  };
  const totalBytes = inputBytes(positionals);
  let totals: ScanTotals;
  {
    using progress = new ProgressLine(io);
    totals = await scan({
      ruleSet,
      paths: positionals,
      threads,
      format,
      zone,
      year,
      onProgress: (so) => progress.update(so.bytes, totalBytes.exact ? totalBytes.bytes : 0, so.records),
      onMatches: (matches) => {
        for (const match of matches) {
          const rule = ruleSet.rules[match.rule];
          if (correlator.take(match) && rule !== undefined) show(eventFinding(match, rule));
        }
      },
    });
  }
  for (const finding of correlator.findings()) show(finding);
  printer.end(found);
  io.stderr(summary(io, totals, found, (Date.now() - started) / 1000));
  if (correlator.leftOut > 0)
    io.stderr(`Correlations left out ${correlator.leftOut} matches beyond their limit; scan fewer files at once.\n`);
  return totals.problems.length > 0 ? EXIT.failed : EXIT.ok;
}

function isShown({ rule }: Finding, level: Level | undefined): boolean {
  return level === undefined || LEVELS.indexOf(rule.level) >= LEVELS.indexOf(level);
}

function defaultThreads(paths: readonly string[]): number {
  if (inputBytes(paths).bytes < INPUT_BYTES_FOR_THREADS) return 1;
  return Math.min(availableParallelism(), THREADS_DEFAULT_MAX);
}

interface Printer {
  add(finding: Finding): void;
  end(found: RuleTable): void;
}

function createPrinter(output: (typeof OUTPUTS)[number], io: CliIo): Printer {
  switch (output) {
    case 'ndjson':
      return { add: (finding) => io.stdout(`${JSON.stringify(finding)}\n`), end: () => undefined };
    case 'json': {
      let first = true;
      return {
        add: (finding) => {
          io.stdout(`${first ? '[\n' : ',\n'}${JSON.stringify(finding)}`);
          first = false;
        },
        end: () => io.stdout(first ? '[]\n' : '\n]\n'),
      };
    }
    case 'table':
      return { add: () => undefined, end: (found) => io.stdout(found.render(io)) };
  }
}
