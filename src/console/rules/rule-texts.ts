import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CorrelationRule, Rule, RuleHead, RuleSet } from '#detect/sigma';
import { readRuleFiles } from '#detect/sigma';
import { systemErrorCode } from '#kernel';
import type { RuleDetail, RuleSummary } from '../api.ts';
import type { Tuning } from './tuning.ts';

const ATTACK_TECHNIQUE = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;
const ATTACK_TACTIC = /^attack\.([a-z][a-z_-]+)$/i;
/** Note of an import: where its rules came from. */
const SOURCE_NOTE = 'SOURCE.json';
const SOURCE_NOTE_CHARS_MAX = 2_000;

export interface RuleContext {
  tuning: Tuning;
  /** Findings of the last days. */
  findings: number;
  shippedDir: string;
  report: RuleSet['report'];
}

/** A rule as a list shows it. */
export function summaryOf(rule: Rule | CorrelationRule, context: RuleContext): RuleSummary {
  const { tuning, findings, shippedDir, report } = context;
  return {
    id: rule.id,
    title: rule.title,
    level: tuning.level ?? rule.level,
    origin: isBelow(rule.file, shippedDir) ? 'wardkeep' : 'imported',
    author: rule.author ?? null,
    isEnabled: tuning.isEnabled !== false,
    tactics: tagged(rule.tags, ATTACK_TACTIC).map((tactic) => tactic.toLowerCase().replaceAll('_', '-')),
    techniques: tagged(rule.tags, ATTACK_TECHNIQUE).map((technique) => technique.toUpperCase()),
    logsource: logsourceOf(rule),
    findings,
    problem: problemOf(rule, report),
  };
}

/** A rule file that could not be loaded: it is listed, so that nobody thinks that it runs. */
export function brokenOf({ file, reason }: { file: string; reason: string }, shippedDir: string): RuleSummary {
  return {
    id: `file:${file}`,
    title: file.split(/[/\\]/).at(-1) ?? file,
    level: 'informational',
    origin: isBelow(file, shippedDir) ? 'wardkeep' : 'imported',
    author: null,
    isEnabled: false,
    tactics: [],
    techniques: [],
    logsource: '',
    findings: 0,
    problem: `it cannot be loaded: ${reason}`,
  };
}

/** A rule with its text, as its page shows it. */
export async function detailOf(rule: Rule | CorrelationRule, context: RuleContext): Promise<RuleDetail> {
  const [file] = await readRuleFiles(rule.file).catch(() => []);
  return {
    ...summaryOf(rule, context),
    description: rule.description ?? null,
    falsePositives: [...rule.falsepositives],
    references: [...rule.references],
    yaml: file !== undefined && 'text' in file ? file.text : '',
    licence: rule.license ?? null,
    source: sourceOf(rule, context.shippedDir),
    levelInFile: rule.level,
  };
}

function logsourceOf(rule: Rule | CorrelationRule): string {
  if (!('logsource' in rule)) return 'correlation';
  const { product, category, service } = rule.logsource;
  return [product, category, service].filter((part) => part !== undefined).join('/');
}

function problemOf({ file }: RuleHead, { unresolved }: RuleSet['report']): string | null {
  const names = unresolved.filter((one) => one.file === file).map(({ placeholder }) => placeholder);
  if (names.length === 0) return null;
  return `parts of it never match, since ${names.join(', ')} has no values: set rules.placeholders in wardkeep.json`;
}

function tagged(tags: readonly string[], form: RegExp): string[] {
  return [...new Set(tags.flatMap((tag) => form.exec(tag)?.[1] ?? []))];
}

function isBelow(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && inside !== path;
}

/** Where an imported rule came from, as its import noted it; else its file's name. */
function sourceOf({ file }: RuleHead, shippedDir: string): string | null {
  if (isBelow(file, shippedDir)) return null;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const note = readNote(join(folder, SOURCE_NOTE));
    if (note !== null) return note;
  }
  return file.split(sep).at(-1) ?? null;
}

function readNote(path: string): string | null {
  try {
    const { source } = JSON.parse(readFileSync(path, 'utf8')) as { source?: unknown };
    return typeof source === 'string' ? source.slice(0, SOURCE_NOTE_CHARS_MAX) : null;
  } catch (error) {
    if (systemErrorCode(error) !== null || error instanceof SyntaxError) return null;
    throw error;
  }
}
