import { EPISODE_MARK, Group, type Met, RENEWAL_MARK } from './group.ts';
import { CORRELATION_LIMITS, GENERATION_EVENTS, LATENESS_MS_DEFAULT } from './limits.ts';
import { type Node, type Target, buildNodes, findingOf, groupFields, groupTexts, isTemporal } from './nodes.ts';
import { laneOf, metricValue, namesRead, summary } from './nodes.ts';
import { resolveCorrelations } from './resolve.ts';
import { decodeState, encodeState } from './state.ts';
import type { Chained } from './timeline.ts';
import type {
  Correlation,
  CorrelationCounters,
  CorrelationEvent,
  CorrelationFinding,
  CorrelationLimits,
  EventRef,
  Referable,
} from './types.ts';
import { foldedKey } from './values.ts';

export interface CorrelatorOptions {
  /** How much older than the newest events a match may be and still surely find its window as it was. */
  readonly latenessMs?: number;
  readonly limits?: Partial<CorrelationLimits>;
}

export interface Correlator<Rule extends Referable> {
  /** Correlations that cannot run, each with its reason. */
  readonly failed: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Ids of rules and correlations that do not alert by themselves; `feed` leaves such correlations out already. */
  readonly silent: ReadonlySet<string>;
  readonly counters: Readonly<CorrelationCounters>;
  /** Rule id → the fields that correlations read in its matches; rules that none looks at are left out. */
  readonly fieldsRead: ReadonlyMap<string, readonly string[]>;
  /** Takes one match and returns what it completes: one finding a group and episode. */
  feed(event: CorrelationEvent): CorrelationFinding<Rule>[];
  /** All that later findings depend on, as UTF-8 JSON. Belongs into the same write as the cursor. */
  save(): Uint8Array;
  /**
   * Takes up where `save` left off. Correlations that are gone or have changed since begin anew (`statesLeft`).
   * @throws {CorrelationStateError} when the bytes are no such state, or one of a newer version.
   */
  restore(state: Uint8Array): void;
}

/** A match, or the finding of a correlation, on its way into a correlation that refers to it. */
interface Incoming {
  readonly timeMs: number;
  readonly ref: EventRef;
  readonly lane: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly chained?: Chained;
}

/** Stands for "no event yet" in the oldest time of a generation; JSON has no infinity. */
const NO_TIME = Number.MAX_SAFE_INTEGER;

/**
 * Runs all correlations over the matches of their base rules. The findings depend on nothing but the matches and the
 * order in which they are fed; README.md says what a window, an episode and a chain are.
 */
export function createCorrelator<Rule extends Referable>(
  correlations: readonly Correlation<Rule>[],
  rules: readonly Referable[],
  options: CorrelatorOptions = {},
): Correlator<Rule> {
  const { resolved, failed, silent } = resolveCorrelations(correlations, rules);
  const { nodes, byRule } = buildNodes(resolved, silent);
  const limits = { ...CORRELATION_LIMITS, ...options.limits };
  const latenessMs = options.latenessMs ?? LATENESS_MS_DEFAULT;
  const counters = { groupsEvicted: 0, eventsEvicted: 0, withoutGroup: 0, withoutValue: 0, statesLeft: 0 };
  /** The least recently touched first. */
  const groups = new Map<string, { node: Node<Rule>; group: Group }>();
  let events = 0;
  let episodes = 0;
  /** Oldest event times of this and of the last GENERATION_EVENTS matches. */
  let generation = { count: 0, oldestMs: NO_TIME, previousOldestMs: -NO_TIME };
  let found: CorrelationFinding<Rule>[] = [];

  function feed(event: CorrelationEvent): CorrelationFinding<Rule>[] {
    const targets = byRule.get(event.ruleId);
    if (targets === undefined) return [];
    const { timeMs, ref, fields } = event;
    found = [];
    for (const target of targets) {
      offer(target, { timeMs, ref, fields, lane: event.orderable ? '' : `source:${event.sourceId}` });
    }
    countGeneration(timeMs);
    return found;
  }

  function offer(target: Target<Rule>, incoming: Incoming): void {
    const texts = groupTexts(target, incoming.fields);
    const value = metricValue(target, incoming.fields);
    if (texts === null) counters.withoutGroup += 1;
    else if (value === undefined) counters.withoutValue += 1;
    else insert(target, touch(target.node, texts), incoming, value);
  }

  function insert({ node, step }: Target<Rule>, group: Group, incoming: Incoming, value: string | number | null): void {
    const { timeMs, ref, lane, chained } = incoming;
    // An event that matches two rules of a correlation that counts events or values is still one event.
    if (!isTemporal(node) && group.lastRef === ref) return;
    const before = group.size;
    if (!group.supersede(ref, timeMs)) return;
    group.lastRef = ref;
    group.insert(
      chained === undefined ? { timeMs, ref, step, value, lane } : { timeMs, ref, step, value, lane, chained },
      () => `${EPISODE_MARK}${(episodes += 1)}`,
      (met) => report(node, group, met, incoming),
    );
    counters.eventsEvicted += group.evict(limits.groupEventsMax);
    events += group.size - before;
    makeRoom();
  }

  function report(node: Node<Rule>, group: Group, met: Met, trigger: Incoming): void {
    if (met.isNew) {
      if (!node.silent) found.push(findingOf(node, group, met));
      if (node.parents.length > 0) met.episode.chained = summary(met);
    }
    for (const parent of node.parents) {
      if (met.isNew) offer(parent, chainedFrom(node, group, met, trigger));
      else if (isTemporal(parent.node) && group.orderable) offer(parent, renewalFrom(node, group, met, trigger));
    }
  }

  function touch(node: Node<Rule>, texts: readonly string[]): Group {
    const key = `${node.index}:${foldedKey(texts)}`;
    const known = groups.get(key) ?? { node, group: new Group(node.section, texts) };
    groups.delete(key);
    groups.set(key, known);
    return known.group;
  }

  function makeRoom(): void {
    while (groups.size > limits.groupsMax || (events > limits.eventsMax && groups.size > 1)) {
      const oldest = groups.entries().next().value;
      if (oldest === undefined) return;
      groups.delete(oldest[0]);
      events -= oldest[1].group.size;
      counters.groupsEvicted += 1;
      counters.eventsEvicted += oldest[1].group.size;
    }
  }

  /**
   * Forgets what nothing lately seen can reach. The newest time is no measure of that: one event dated years ahead
   * would empty every window.
   */
  function countGeneration(timeMs: number): void {
    generation.oldestMs = Math.min(generation.oldestMs, timeMs);
    generation.count += 1;
    if (generation.count < GENERATION_EVENTS) return;
    const oldestMs = Math.min(generation.oldestMs, generation.previousOldestMs);
    generation = { count: 0, oldestMs: NO_TIME, previousOldestMs: generation.oldestMs };
    for (const [key, { node, group }] of groups) {
      const before = group.size;
      if (group.forget(oldestMs - node.section.timespanMs - latenessMs)) groups.delete(key);
      events += group.size - before;
    }
  }

  const stateNodes = nodes.map(({ rule, hash, section }) => ({ id: rule.id, hash, section }));

  function save(): Uint8Array {
    const saved = [...groups.values()].map(({ node, group }) => ({ node: node.index, group }));
    return encodeState({ generation, episodes, counters, groups: saved }, stateNodes);
  }

  function restore(bytes: Uint8Array): void {
    const state = decodeState(bytes, stateNodes);
    groups.clear();
    events = 0;
    generation = { ...state.generation };
    episodes = state.episodes;
    Object.assign(counters, state.counters);
    for (const { node: index, group } of state.groups) {
      const node = nodes[index];
      if (node === undefined) continue;
      groups.set(`${index}:${foldedKey(group.texts)}`, { node, group });
      events += group.size;
    }
  }

  const fieldsRead = new Map([...byRule].map(([id, targets]) => [id, namesRead(targets)]));
  return { failed, silent, counters, fieldsRead, feed, save, restore };
}

/** A chain sees the group of what it refers to under that one's own names, else the fields of the completing event. */
function chainedFrom(node: Node<Referable>, group: Group, met: Met, trigger: Incoming): Incoming {
  return {
    timeMs: met.newest.timeMs,
    ref: met.episode.id,
    lane: group.orderable ? '' : laneOf(met),
    fields: { ...trigger.fields, ...groupFields(node, group) },
    ...(met.episode.chained === undefined ? {} : { chained: met.episode.chained }),
  };
}

/** That the condition is still met: what should follow it may follow its end as well as its beginning. */
function renewalFrom(node: Node<Referable>, group: Group, met: Met, trigger: Incoming): Incoming {
  return { ...chainedFrom(node, group, met, trigger), ref: met.episode.id + RENEWAL_MARK };
}
