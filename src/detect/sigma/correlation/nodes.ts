import type { Group, Met } from './group.ts';
import { EVENTS_PER_FINDING_MAX } from './limits.ts';
import type { Resolved } from './resolve.ts';
import { definitionHash } from './state.ts';
import type { Chained } from './timeline.ts';
import type { CorrelationFinding, CorrelationSection, Referable } from './types.ts';
import { fieldValue, foldedKey, numericValue, textValue } from './values.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A correlation at work. */
export interface Node<Rule extends Referable> {
  readonly index: number;
  readonly rule: Rule;
  readonly section: CorrelationSection;
  readonly resolved: Resolved<Rule>;
  readonly hash: string;
  readonly parents: readonly Target<Rule>[];
  /** Does not alert by itself, since another correlation uses it up. */
  readonly silent: boolean;
}

/** A correlation that listens, and as which of its rules. */
export interface Target<Rule extends Referable> {
  readonly node: Node<Rule>;
  readonly step: number;
}

/** All correlations, and who listens to the matches of each base rule. */
export function buildNodes<Rule extends Referable>(
  resolved: readonly Resolved<Rule>[],
  silent: ReadonlySet<string>,
): { nodes: readonly Node<Rule>[]; byRule: ReadonlyMap<string, readonly Target<Rule>[]> } {
  const listeners = new Map<string, Target<Rule>[]>();
  const nodes = resolved.map((entry, index): Node<Rule> => {
    const { rule, section } = entry.correlation;
    const parents = listeners.get(rule.id) ?? [];
    listeners.set(rule.id, parents);
    const hash = definitionHash(section, entry.ruleIds);
    return { index, rule, section, resolved: entry, hash, parents, silent: silent.has(rule.id) };
  });
  for (const node of nodes) {
    for (const [step, ruleId] of node.resolved.ruleIds.entries()) {
      const targets = listeners.get(ruleId) ?? [];
      listeners.set(ruleId, targets);
      targets.push({ node, step });
    }
  }
  const own = new Set(nodes.map(({ rule }) => rule.id));
  return { nodes, byRule: new Map([...listeners].filter(([id]) => !own.has(id))) };
}

export function isTemporal(node: Node<Referable>): boolean {
  return node.section.type.startsWith('temporal');
}

/** The values of the group-by fields; null where one is absent or empty. */
export function groupTexts({ node, step }: Target<Referable>, fields: Fields): readonly string[] | null {
  const texts: string[] = [];
  for (const name of node.section.groupBy) {
    const text = textValue(named(node, step, name, fields));
    if (text === null) return null;
    texts.push(text);
  }
  return texts;
}

/** The metric's value, null where the correlation only counts, undefined where the event lacks it. */
export function metricValue({ node, step }: Target<Referable>, fields: Fields): string | number | null | undefined {
  const { type, condition } = node.section;
  const [first] = condition.fields;
  if (first === undefined) return null;
  const asText = type === 'value_count' || (type === 'value_percentile' && condition.percentile === null);
  if (!asText) return numericValue(named(node, step, first, fields)) ?? undefined;
  const texts: string[] = [];
  for (const name of condition.fields) {
    const text = textValue(named(node, step, name, fields));
    if (text === null) return undefined;
    texts.push(text);
  }
  return foldedKey(texts);
}

function named(node: Node<Referable>, step: number, name: string, fields: Fields): unknown {
  return fieldValue(fields, nativeName({ node, step }, name));
}

/** What a correlation calls a field may have another name in the events of one of its rules. */
function nativeName({ node, step }: Target<Referable>, name: string): string {
  return node.resolved.aliases[step]?.get(name) ?? name;
}

/** Every field that these correlations read in an event, and those above them: a chain sees the completing event, too. */
export function namesRead(targets: readonly Target<Referable>[]): readonly string[] {
  const names = new Set<string>();
  for (const target of targets) {
    const { groupBy, condition } = target.node.section;
    for (const name of [...groupBy, ...condition.fields]) names.add(nativeName(target, name));
    for (const name of namesRead(target.node.parents)) names.add(name);
  }
  return [...names];
}

export function groupFields(node: Node<Referable>, group: Group): Record<string, string> {
  return Object.fromEntries(node.section.groupBy.map((name, i) => [name, group.texts[i] ?? '']));
}

export function findingOf<Rule extends Referable>(node: Node<Rule>, group: Group, met: Met): CorrelationFinding<Rule> {
  const { events, total, firstMs } = summary(met);
  return {
    rule: node.rule,
    group: groupFields(node, group),
    events,
    eventsTotal: total,
    firstMs,
    lastMs: met.newest.timeMs,
    value: met.value,
  };
}

/** What stands behind a window, a finding of another correlation being what stands behind it. */
export function summary(met: Met): Chained {
  const entries = met.entries();
  const refs = [...new Set(entries.flatMap((entry) => entry.chained?.events ?? [entry.ref]))];
  const last = refs.at(-1);
  const cut = refs.length > EVENTS_PER_FINDING_MAX && last !== undefined;
  let unlisted = 0;
  let firstMs = Infinity;
  for (const { timeMs, chained } of entries) {
    if (chained !== undefined) unlisted += chained.total - chained.events.length;
    firstMs = Math.min(firstMs, chained?.firstMs ?? timeMs);
  }
  return {
    events: cut ? [...refs.slice(0, EVENTS_PER_FINDING_MAX - 1), last] : refs,
    total: refs.length + unlisted,
    firstMs,
  };
}

/** The lane of a finding: that of its events, and one of its own where they are of several. */
export function laneOf(met: Met): string {
  const lanes = new Set(met.entries().map((entry) => entry.lane));
  const [lane] = lanes;
  return lanes.size === 1 && lane !== undefined ? lane : `mixed:${met.episode.id}`;
}
