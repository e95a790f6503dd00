import { messageOf } from '#kernel';
import { resolveCorrelations } from './correlation/resolve.ts';
import { RuleFault } from './errors.ts';
import { applyFilters } from './filters.ts';
import { type Parsed, parseRule } from './parse-rule.ts';
import { type RuleFile, readRuleFiles } from './rule-files.ts';
import {
  type CorrelationRule,
  type FilterRule,
  LEVELS,
  type LoadOptions,
  type Rule,
  type RuleHead,
  type RuleSet,
} from './types.ts';
import { parseYaml } from './yaml.ts';

/**
 * Loads Sigma rules, correlations and filters from files, folders and archives. Nothing is dropped in silence: each
 * document is loaded, in the report with its reason, or left out because `exclude` or `level` says so. The same rule
 * found again (same id, same content) is loaded once.
 * @throws {SigmaError} `unreadable_rules` when a source cannot be read at all.
 */
export async function loadRules(sources: readonly string[], options: LoadOptions = {}): Promise<RuleSet> {
  const files: RuleFile[] = [];
  for (const source of sources) files.push(...(await readRuleFiles(source)));
  return assembleRules(files, options);
}

/** The same for rule files that are already in memory. */
export function assembleRules(files: readonly RuleFile[], options: LoadOptions = {}): RuleSet {
  const gathering = new Gathering(options);
  for (const file of files) gathering.add(file);
  return gathering.finish();
}

class Gathering {
  readonly #options: LoadOptions;
  readonly #rules: Rule[] = [];
  readonly #correlations: CorrelationRule[] = [];
  readonly #filters: FilterRule[] = [];
  readonly #failed: { file: string; reason: string }[] = [];
  readonly #unresolved: { file: string; placeholder: string }[] = [];
  readonly #byId = new Map<string, RuleHead>();
  #excluded = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  add(file: RuleFile): void {
    if ('reason' in file) {
      this.#failed.push({ file: file.file, reason: file.reason });
      return;
    }
    try {
      const documents = parseYaml(file.text);
      if (documents.length === 0) throw new RuleFault('file holds no document');
      for (const document of documents) this.#addDocument(document, file.file);
    } catch (error) {
      this.#fail(file.file, error);
    }
  }

  #addDocument(document: unknown, file: string): void {
    try {
      this.#keep(parseRule(document, { file, placeholders: this.#options.placeholders ?? {} }));
    } catch (error) {
      this.#fail(file, error);
    }
  }

  #fail(file: string, error: unknown): void {
    if (!(error instanceof RuleFault)) throw error;
    this.#failed.push({ file, reason: messageOf(error) });
  }

  #keep(parsed: Parsed): void {
    const { rule } = parsed;
    if (this.#isExcluded(rule)) {
      this.#excluded += 1;
      return;
    }
    const twin = this.#byId.get(rule.id);
    if (twin !== undefined) {
      if (twin.version === rule.version) return;
      throw new RuleFault(`id "${rule.id}" is already that of ${twin.file}`);
    }
    this.#byId.set(rule.id, rule);
    const unresolved =
      parsed.kind === 'rule' ? parsed.rule.unresolved : parsed.kind === 'filter' ? parsed.unresolved : [];
    for (const placeholder of unresolved) this.#unresolved.push({ file: rule.file, placeholder });
    if (parsed.kind === 'rule') this.#rules.push(parsed.rule);
    else if (parsed.kind === 'filter') this.#filters.push(parsed.rule);
    else this.#correlations.push(parsed.rule);
  }

  #isExcluded(rule: RuleHead): boolean {
    return (this.#options.exclude ?? []).some(
      (entry) => entry === rule.id || entry === rule.name || rule.file === entry || rule.file.endsWith(`/${entry}`),
    );
  }

  finish(): RuleSet {
    const filtered = applyFilters(this.#rules, this.#filters);
    const correlations = this.#resolvable();
    const failed = [...this.#failed, ...filtered.failed].toSorted(byFile);
    const loaded = filtered.rules.length + correlations.length + this.#filters.length;
    const kept = this.#aboveLevel(filtered.rules, correlations);
    const stay = new Set<RuleHead>([...kept.rules, ...kept.correlations]);
    const all: RuleHead[] = [...filtered.rules, ...correlations];
    const belowLevel = all.filter((rule) => !stay.has(rule)).map(({ file }) => file);
    const report = { loaded, failed, unresolved: this.#unresolved, belowLevel, excluded: this.#excluded };
    return { ...kept, filters: this.#filters, report };
  }

  #resolvable(): CorrelationRule[] {
    const resolution = resolveCorrelations(this.#correlations, this.#rules);
    const broken = new Map(resolution.failed.map(({ rule, reason }) => [rule.id, reason]));
    for (const rule of this.#correlations) {
      const reason = broken.get(rule.id);
      if (reason !== undefined) this.#failed.push({ file: rule.file, reason });
    }
    return this.#correlations.filter((rule) => !broken.has(rule.id));
  }

  /** A rule below the level stays when a correlation at or above it needs it. */
  #aboveLevel(
    rules: readonly Rule[],
    correlations: readonly CorrelationRule[],
  ): Pick<RuleSet, 'rules' | 'correlations'> {
    const least = LEVELS.indexOf(this.#options.level ?? 'informational');
    if (least === 0) return { rules, correlations };
    const high = (rule: RuleHead): boolean => LEVELS.indexOf(rule.level) >= least;
    const needed = new Set(correlations.filter(high).flatMap((rule) => rule.section.rules));
    let before = -1;
    while (before !== needed.size) {
      before = needed.size;
      for (const rule of correlations)
        if (isNamed(rule, needed)) for (const part of rule.section.rules) needed.add(part);
    }
    const keeps = (rule: RuleHead): boolean => high(rule) || isNamed(rule, needed);
    return { rules: rules.filter(keeps), correlations: correlations.filter(keeps) };
  }
}

function isNamed(rule: RuleHead, names: ReadonlySet<string>): boolean {
  return names.has(rule.id) || (rule.name !== undefined && names.has(rule.name));
}

function byFile(a: { file: string }, b: { file: string }): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}
