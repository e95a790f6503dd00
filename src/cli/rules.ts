import { existsSync, readFileSync } from 'node:fs';
import {
  type Level,
  type LoadOptions,
  type RuleSet,
  importedRulesDir,
  loadRules,
  shippedRulesDir,
} from '#detect/sigma';
import { WardkeepError, messageOf } from '#kernel';
import { readConfig } from '#kernel/config';
import type { CliIo } from './io.ts';
import { count, plural } from './output/numbers.ts';
import { ProgressLine } from './output/progress.ts';
import { UsageError } from './usage.ts';

export interface RuleChoice {
  /** Paths given with `--rules`; empty = the shipped pack and what was imported. */
  paths: readonly string[];
  /** A file of ids or names to leave out. */
  exclude?: string | undefined;
  level?: Level | undefined;
  /** Data directory whose imported rules are used, where there is one. */
  dataDir?: string | undefined;
}

/** No rule is there to look with. */
class NoRules extends WardkeepError<'no_rules'> {}

/**
 * Loads the rules of a command and says, on standard error, which they are and what could not be loaded.
 * @throws {NoRules} when none could be loaded; {UsageError} when `exclude` or `level` leaves none.
 */
export async function loadChosenRules(choice: RuleChoice, io: CliIo): Promise<RuleSet> {
  const shipped = shippedRulesDir();
  const imported = importedRulesDir(io.env, choice.dataDir);
  const sources = choice.paths.length > 0 ? [...choice.paths] : [shipped, imported].filter((dir) => existsSync(dir));
  const config = choice.dataDir === undefined ? null : readConfig(choice.dataDir);
  const exclude = [...(config?.rules.exclude ?? []), ...(choice.exclude === undefined ? [] : excluded(choice.exclude))];
  const ruleSet = await loaded(
    sources,
    {
      exclude,
      placeholders: config?.rules.placeholders ?? {},
      ...(choice.level === undefined ? {} : { level: choice.level }),
    },
    io,
  );
  requireRules(ruleSet, choice, sources);
  io.stderr(`${describe(ruleSet, choice, { shipped, imported })}\n`);
  return ruleSet;
}

/** Without a rule nothing is looked for, which must not look like nothing found. */
function requireRules({ rules, correlations, report }: RuleSet, choice: RuleChoice, sources: readonly string[]): void {
  if (rules.length + correlations.length > 0) return;
  const { failed, belowLevel, excluded } = report;
  if (belowLevel.length > 0)
    throw new UsageError(
      `--level ${choice.level} leaves none of ${plural(belowLevel.length, 'rule')}; nothing was looked for`,
    );
  if (failed.length === 0 && excluded > 0)
    throw new UsageError(`all ${plural(excluded, 'rule')} are excluded; nothing was looked for`);
  const first = failed[0];
  const named = first === undefined || sources.includes(first.file) ? '' : `${first.file}: `;
  const reason = first === undefined ? '' : `: ${named}${first.reason}`;
  const more = failed.length > 1 ? ` (and ${count(failed.length - 1)} more)` : '';
  const places = sources.length === 0 ? 'anywhere' : `from ${sources.join(', ')}`;
  throw new NoRules('no_rules', `no rule could be loaded ${places}; nothing was looked for${reason}${more}`, {
    advice:
      'name Sigma rules with --rules: a .yml file, or a folder, .tgz or .zip of them ("wardkeep rules check" names each fault)',
  });
}

async function loaded(sources: readonly string[], options: LoadOptions, io: CliIo): Promise<RuleSet> {
  using progress = new ProgressLine(io);
  progress.say('Loading the rules …');
  return await loadRules(sources, options);
}

function excluded(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--exclude ${path} cannot be read (${messageOf(error)})`);
  }
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

function describe(ruleSet: RuleSet, choice: RuleChoice, dirs: { shipped: string; imported: string }): string {
  const { report } = ruleSet;
  const lines: string[] = [];
  const all = [...ruleSet.rules, ...ruleSet.correlations].map(({ file }) => file);
  const excluded = report.excluded === 0 ? '' : `, ${count(report.excluded)} excluded`;
  const level = choice.level === undefined ? '' : ` (level ${choice.level})`;
  const isOwn = (file: string): boolean => file.startsWith(dirs.shipped);
  const isForeign = (file: string): boolean => !isOwn(file);
  const share = (of: (file: string) => boolean): string => {
    const used = all.filter(of).length;
    const total = used + report.belowLevel.filter(of).length;
    return choice.level === undefined ? count(used) : `${count(used)} of ${count(total)}`;
  };
  if (choice.paths.length > 0)
    lines.push(`Rules: ${share(() => true)} from ${choice.paths.join(', ')}${level}${excluded}.`);
  else {
    const hasForeign = [...all, ...report.belowLevel].some(isForeign);
    const imported = hasForeign ? share(isForeign) : '0';
    const more = hasForeign ? '' : ' For thousands more, download a release of';
    lines.push(`Rules: ${share(isOwn)} shipped, ${imported} imported${level}${excluded}.${more}`);
    if (!hasForeign) lines.push('github.com/SigmaHQ/sigma and run: wardkeep rules import sigma_all_rules.zip');
  }
  if (report.failed.length > 0)
    lines.push(
      `${plural(report.failed.length, 'rule')} could not be loaded; "wardkeep rules check" names each with its reason.`,
    );
  if (report.unresolved.length > 0)
    lines.push(
      `${plural(new Set(report.unresolved.map(({ placeholder }) => placeholder)).size, 'placeholder')} without values: their rules are quieter than they could be.`,
    );
  return lines.join('\n');
}
