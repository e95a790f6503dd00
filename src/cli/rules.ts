import { existsSync, readFileSync } from 'node:fs';
import {
  type Level,
  type LoadOptions,
  type RuleSet,
  importedRulesDir,
  loadRules,
  shippedRulesDir,
} from '#detect/sigma';
import { messageOf } from '#kernel';
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

/** Loads the rules of a command and says, on standard error, which they are and what could not be loaded. */
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
  io.stderr(`${describe(ruleSet, choice, { shipped, imported })}\n`);
  return ruleSet;
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
  if (choice.paths.length > 0) lines.push(`Rules: ${count(report.loaded)} from ${choice.paths.join(', ')}.`);
  else {
    const all = [...ruleSet.rules, ...ruleSet.correlations];
    const own = all.filter(({ file }) => file.startsWith(dirs.shipped)).length;
    const foreign = all.length - own;
    const more = foreign === 0 ? ' For thousands more, download a release of' : '';
    lines.push(`Rules: ${count(own)} shipped, ${count(foreign)} imported.${more}`);
    if (foreign === 0) lines.push('github.com/SigmaHQ/sigma and run: wardkeep rules import sigma_all_rules.zip');
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
