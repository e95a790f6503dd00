import { CHAIN_DEPTH_MAX } from './limits.ts';
import type { Correlation, Referable } from './types.ts';

/** A correlation whose references are known. */
export interface Resolved<Rule extends Referable> {
  readonly correlation: Correlation<Rule>;
  /** Ids of the rules and correlations it refers to, in the order of the file. */
  readonly ruleIds: readonly string[];
  /** For each of `ruleIds`, whether that is a correlation. */
  readonly chained: readonly boolean[];
  /** For each of `ruleIds`, alias → field of that rule's events. */
  readonly aliases: readonly ReadonlyMap<string, string>[];
}

export interface Resolution<Rule extends Referable> {
  /** Those that can run, each behind those that it refers to. */
  readonly resolved: readonly Resolved<Rule>[];
  readonly failed: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Ids of rules and correlations that do not alert by themselves, since a correlation uses them up. */
  readonly silent: ReadonlySet<string>;
}

/**
 * Finds what each correlation refers to, by id or name. One that refers to nothing known, to two rules of one name,
 * to itself, or to a correlation that fails, fails with its reason. A rule is silent when some correlation that can
 * run refers to it and none of those says `generate: true`.
 */
export function resolveCorrelations<Rule extends Referable>(
  correlations: readonly Correlation<Rule>[],
  rules: readonly Referable[],
): Resolution<Rule> {
  const book = new Book([...rules, ...correlations.map(({ rule }) => rule)]);
  const byId = new Map(correlations.map((correlation) => [correlation.rule.id, correlation]));
  const states = new Map<string, 'open' | { reason: string } | { depth: number }>();
  const resolved: Resolved<Rule>[] = [];
  const failed: { rule: Rule; reason: string }[] = [];

  function visit(correlation: Correlation<Rule>): { reason: string } | { depth: number } {
    const id = correlation.rule.id;
    const known = states.get(id);
    if (known === 'open') return { reason: 'refers to itself through other correlations' };
    if (known !== undefined) return known;
    states.set(id, 'open');
    const outcome = visitParts(correlation);
    states.set(id, outcome);
    if ('reason' in outcome) failed.push({ rule: correlation.rule, reason: outcome.reason });
    return outcome;
  }

  function visitParts(correlation: Correlation<Rule>): { reason: string } | { depth: number } {
    const parts: Referable[] = [];
    let depth = 1;
    for (const reference of correlation.section.rules) {
      const found = book.find(reference);
      if ('reason' in found) return found;
      if (parts.includes(found.target)) return { reason: `refers to "${reference}" by both its id and its name` };
      parts.push(found.target);
      const child = byId.get(found.target.id);
      if (child === undefined) continue;
      const outcome = visit(child);
      if ('reason' in outcome) return { reason: `the correlation "${reference}" cannot run: ${outcome.reason}` };
      depth = Math.max(depth, outcome.depth + 1);
    }
    if (depth > CHAIN_DEPTH_MAX) return { reason: `chains more than ${CHAIN_DEPTH_MAX} correlations` };
    const stray = strayAlias(correlation, parts);
    if (stray !== null) return { reason: stray };
    resolved.push({
      correlation,
      ruleIds: parts.map((part) => part.id),
      chained: parts.map((part) => byId.has(part.id)),
      aliases: correlation.section.rules.map((reference, i) => aliasesOf(correlation, parts[i], reference)),
    });
    return { depth };
  }

  for (const correlation of correlations) visit(correlation);
  return { resolved, failed, silent: silentRules(resolved) };
}

function silentRules<Rule extends Referable>(resolved: readonly Resolved<Rule>[]): ReadonlySet<string> {
  const silent = new Set(resolved.flatMap(({ ruleIds }) => ruleIds));
  for (const { correlation, ruleIds } of resolved) {
    if (correlation.section.generate) for (const id of ruleIds) silent.delete(id);
  }
  return silent;
}

function strayAlias(correlation: Correlation, parts: readonly Referable[]): string | null {
  const known = new Set(parts.flatMap((part) => (part.name === undefined ? [part.id] : [part.id, part.name])));
  for (const [alias, byRule] of Object.entries(correlation.section.aliases)) {
    const stray = Object.keys(byRule).find((rule) => !known.has(rule));
    if (stray !== undefined) return `alias "${alias}" names "${stray}", which is none of its rules`;
  }
  return null;
}

function aliasesOf(correlation: Correlation, part: Referable | undefined, reference: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [alias, byRule] of Object.entries(correlation.section.aliases)) {
    const keys = [part?.name, part?.id, reference].filter((key) => key !== undefined);
    const key = keys.find((candidate) => Object.hasOwn(byRule, candidate));
    const field = key === undefined ? undefined : byRule[key];
    if (field !== undefined) fields.set(alias, field);
  }
  return fields;
}

/** Rules and correlations by id and by name; an id wins over a name. */
class Book {
  readonly #byId = new Map<string, Referable>();
  readonly #byName = new Map<string, Referable | 'ambiguous'>();

  constructor(entries: readonly Referable[]) {
    for (const entry of entries) {
      this.#byId.set(entry.id, entry);
      if (entry.name !== undefined) this.#byName.set(entry.name, this.#byName.has(entry.name) ? 'ambiguous' : entry);
    }
  }

  find(reference: string): { target: Referable } | { reason: string } {
    const target = this.#byId.get(reference) ?? this.#byName.get(reference);
    if (target === undefined) return { reason: `refers to "${reference}", which is no loaded rule` };
    if (target === 'ambiguous') return { reason: `refers to "${reference}", which is the name of more than one rule` };
    return { target };
  }
}
