import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  LEVELS,
  type LoadReport,
  type Rule,
  type RuleHead,
  type RuleSet,
  explanationLines,
  importRules,
  importedRulesDir,
  loadRules,
  readPlaceholders,
  shippedRulesDir,
} from '#detect/sigma';
import { systemClock } from '#kernel';
import { explainEvent, readEvent } from '../explained-event.ts';
import { type CliIo, EXIT } from '../io.ts';
import { count, plural } from '../output/numbers.ts';
import { printable } from '../output/style.ts';
import { UsageError, oneOf } from '../usage.ts';

const HELP = `Usage: wardkeep rules check|import|list|explain [OPTIONS]

  rules check                      load every rule, name those that cannot be
                                   used and why: [--rules PATH]... [--json PATH]
  rules import DIR|TGZ|ZIP         copy rules, with their licence and where they
                                   came from: [--data DIR]
  rules list                       the rules that scan and detect use:
                                   [--rules PATH]... [--json]
  rules explain RULE EVENT         why a rule did or did not match an event,
                                   condition by condition: [--family NAME]

  --rules PATH         a rule file, folder, .tgz or .zip; may be given several
                       times (default: the shipped hospital rules plus the
                       imported ones)
  --data DIR           use the rules imported into this data directory
                       (default: $XDG_DATA_HOME/wardkeep/rules)
  --placeholders FILE  values for %placeholders% as a YAML or JSON map, e.g.
                       "Admins: [alice, bob]"
  --level LEVEL        rules of at least this level: informational, low, medium,
                       high, critical
  --json PATH          (check) write the report as JSON; - is standard output
  --family NAME        (explain) whose field names the event has: windows, zeek,
                       ocsf, ... (default: recognised by its content)

RULE is the id, name or file of a rule. EVENT is a file that holds one JSON
event, as its source wrote it or as "wardkeep events --output ndjson" prints it,
or - for standard input.

Exit code: 0 done; 1 some rule cannot be loaded (check, import) or the command
failed; 2 wrong usage. An import keeps what can be loaded all the same; where
nothing can, it leaves things as they were.

Examples:
  wardkeep rules import sigma_all_rules.zip
  wardkeep rules explain 6f3e2987-db24-4c78-a860-b4f4095a7095 event.json
`;

interface Options {
  readonly rules: readonly string[];
  readonly data: string | undefined;
  readonly placeholders: string | undefined;
  readonly level: string | undefined;
  readonly family: string | undefined;
}

/**
 * `rules`: looks after the Sigma rules.
 * @throws {UsageError} for wrong usage; {SigmaError} when rules cannot be read or written.
 */
export async function rulesCommand(argv: readonly string[], io: CliIo): Promise<number> {
  const [action = '', ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h') || action === 'help') {
    io.stdout(HELP);
    return EXIT.ok;
  }
  switch (action) {
    case 'check':
      return check(rest, io);
    case 'import':
      return importCommand(rest, io);
    case 'list':
      return list(rest, io);
    case 'explain':
      return explainCommand(rest, io);
    default:
      throw new UsageError(
        action === '' ? 'say which: rules check, import, list or explain' : `there is no "rules ${action}"`,
      );
  }
}

interface Parsed {
  readonly options: Options;
  readonly json: string | boolean | undefined;
  readonly positionals: readonly string[];
}

function parse(args: readonly string[], json: 'string' | 'boolean'): Parsed {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rules: { type: 'string', multiple: true },
      data: { type: 'string' },
      placeholders: { type: 'string' },
      level: { type: 'string' },
      family: { type: 'string' },
      json: { type: json },
    },
  });
  const { rules = [], data, placeholders, level, family } = values;
  return { options: { rules, data, placeholders, level, family }, json: values.json, positionals };
}

function load(options: Options, io: CliIo): Promise<RuleSet> {
  const level = oneOf('--level', options.level, LEVELS);
  const imported = importedRulesDir(io.env, options.data);
  const sources =
    options.rules.length > 0
      ? options.rules.map((path) => resolve(io.cwd, path))
      : existing(shippedRulesDir(), imported);
  return loadRules(sources, {
    ...(level === undefined ? {} : { level }),
    ...(options.placeholders === undefined
      ? {}
      : { placeholders: readPlaceholders(resolve(io.cwd, options.placeholders)) }),
  });
}

function existing(...folders: readonly string[]): string[] {
  return folders.filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true);
}

/** Elsewhere `--json` stands alone, so that it is left without its path here. */
function parseCheck(args: readonly string[]): Parsed {
  const at = args.indexOf('--json');
  const path = args[at + 1] ?? '';
  const isBare = at !== -1 && (path === '' || (path.startsWith('-') && path !== '-'));
  if (isBare || args.includes('--json='))
    throw new UsageError(
      '--json PATH names the file to write the report to, as in "rules check --json report.json"; "--json -" prints it',
    );
  return parse(args, 'string');
}

async function check(args: readonly string[], io: CliIo): Promise<number> {
  const { options, json: path, positionals } = parseCheck(args);
  const { report } = await load({ ...options, rules: [...options.rules, ...positionals] }, io);
  const json = `${JSON.stringify({ loaded: report.loaded, failed: report.failed, unresolved: report.unresolved })}\n`;
  if (path === '-') io.stdout(json);
  else {
    if (typeof path === 'string') writeFileSync(resolve(io.cwd, path), json);
    io.stdout(reportText(report));
  }
  return report.failed.length === 0 ? EXIT.ok : EXIT.failed;
}

function reportText(report: LoadReport): string {
  const lines = [
    `${report.loaded} loaded, ${report.failed.length} failed, ${report.unresolved.length} placeholders without values`,
  ];
  for (const { file, reason } of report.failed) lines.push(printable(`  failed      ${file}: ${reason}`));
  for (const { file, placeholder } of report.unresolved)
    lines.push(printable(`  unresolved  ${file}: %${placeholder}%`));
  return `${lines.join('\n')}\n`;
}

/** Rules that failed, named one by one; the rest is counted. */
const FAILED_NAMED_MAX = 5;

/** The counts, and what failed and why; `check` names all of it. */
function importedText({ loaded, failed, unresolved }: LoadReport): string {
  const placeholders = new Set(unresolved.map(({ placeholder }) => placeholder)).size;
  const more = failed.length + placeholders > 0 ? '; "wardkeep rules check" names them' : '';
  const counts = `${count(loaded)} loaded, ${count(failed.length)} failed, ${plural(placeholders, 'placeholder')} without values${more}`;
  const named = failed.slice(0, FAILED_NAMED_MAX).map(({ file, reason }) => printable(`  failed  ${file}: ${reason}`));
  const rest = failed.length - named.length;
  return `${[counts, ...named, ...(rest > 0 ? [`  and ${count(rest)} more`] : [])].join('\n')}\n`;
}

async function importCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { options, positionals } = parse(args, 'boolean');
  const [source, more] = positionals;
  if (source === undefined || more !== undefined) throw new UsageError('rules import takes one folder or archive');
  const target = importedRulesDir(io.env, options.data);
  const { folder, files, licences, report } = await importRules(
    resolve(io.cwd, source),
    target,
    new Date(systemClock.nowMs()),
  );
  const licence = licences.length === 0 ? 'no licence file lay beside them' : `licence: ${licences.join(', ')}`;
  const copied =
    folder === null
      ? 'nothing was imported: no rule in it can be loaded'
      : `${plural(files, 'rule file')} copied to ${folder} (${licence})`;
  io.stdout(`${printable(copied)}\n${importedText(report)}`);
  return report.loaded > 0 && report.failed.length === 0 ? EXIT.ok : EXIT.failed;
}

async function list(args: readonly string[], io: CliIo): Promise<number> {
  const { options, json, positionals } = parse(args, 'boolean');
  if (positionals.length > 0) throw new UsageError('rules list takes no argument; name rules with --rules');
  const ruleSet = await load(options, io);
  const all: RuleHead[] = [...ruleSet.rules, ...ruleSet.correlations];
  if (json === true) {
    for (const rule of all) io.stdout(`${JSON.stringify(row(rule))}\n`);
    return EXIT.ok;
  }
  for (const rule of all) io.stdout(`${printable(rowText(rule))}\n`);
  io.stderr(`${plural(all.length, 'rule')}\n`);
  return EXIT.ok;
}

function rowText({ level, id, title, author }: RuleHead): string {
  return `${level.padEnd(13)} ${id.padEnd(36)}  ${title}${author === undefined ? '' : `  (${author})`}`;
}

function row({ id, title, level, status, author, license, tags, file }: RuleHead): Record<string, unknown> {
  return { id, title, level, status, author, license, tags, file };
}

async function explainCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { options, json, positionals } = parse(args, 'boolean');
  const [name, eventPath, more] = positionals;
  if (name === undefined || eventPath === undefined || more !== undefined)
    throw new UsageError('rules explain takes a RULE and an EVENT');
  const rule = await findRule(name, options, io);
  const explained = explainEvent(rule, await readEvent(eventPath, io), options.family);
  if (json === true) io.stdout(`${JSON.stringify(explained)}\n`);
  else {
    const verdict = explained.matches ? 'matches' : 'does not match';
    const author = rule.author === undefined ? '' : ` by ${rule.author}`;
    const heading = `"${rule.title}"${author} (${rule.id}) ${verdict} this event, read as ${explained.family}`;
    io.stdout(`${[heading, ...explanationLines(explained)].map(printable).join('\n')}\n`);
  }
  return EXIT.ok;
}

async function findRule(name: string, options: Options, io: CliIo): Promise<Rule> {
  const path = resolve(io.cwd, name);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const ruleSet = await load(isFile ? { ...options, rules: [path] } : options, io);
  const found = isFile ? ruleSet.rules[0] : ruleSet.rules.find((rule) => rule.id === name || rule.name === name);
  if (found !== undefined) return found;
  const reason = isFile ? ruleSet.report.failed[0]?.reason : undefined;
  if (ruleSet.correlations.some((rule) => isFile || rule.id === name || rule.name === name)) {
    throw new UsageError('a correlation speaks of many events; explain the rules that it refers to');
  }
  throw new UsageError(
    reason === undefined ? `no rule has the id or name "${name}"` : `the rule cannot be loaded: ${reason}`,
  );
}
