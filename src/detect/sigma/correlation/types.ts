/** The eight kinds of the Sigma correlation specification 2.1 (`value_median` is its "percentile 50"). */
export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered';

export type ConditionOperator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export interface CorrelationCondition {
  /** All must hold; two make a range. */
  readonly comparisons: readonly { readonly operator: ConditionOperator; readonly threshold: number }[];
  /** The metric's field; several (value_count alone) count distinct tuples; empty where the type takes none. */
  readonly fields: readonly string[];
  /** 0–100, value_percentile alone. Null = the share reading of the specification's example, see README. */
  readonly percentile: number | null;
}

/** The `correlation:` section of a rule, checked; references not yet resolved. */
export interface CorrelationSection {
  readonly type: CorrelationType;
  /** Ids or names of rules or correlations, in the order of the file (which temporal_ordered demands). */
  readonly rules: readonly string[];
  /** Empty = one group for all. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly condition: CorrelationCondition;
  /** Alias → (rule id or name → field of that rule's events). */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whether the rules that it refers to also alert by themselves. */
  readonly generate: boolean;
}

/** What can be referred to: a rule or a correlation. */
export interface Referable {
  readonly id: string;
  readonly name?: string | undefined;
}

/** A correlation as the correlator takes it. `Rule` is whatever the caller wants to find in the findings. */
export interface Correlation<Rule extends Referable = Referable> {
  readonly rule: Rule;
  readonly section: CorrelationSection;
}

/** Names one event for the caller: a ledger index or `file:record`. Must survive JSON. */
export type EventRef = string | number;

/** One match of a base rule. The matches of one event are fed one after another. */
export interface CorrelationEvent {
  readonly ruleId: string;
  /** Event time, milliseconds since the epoch. */
  readonly timeMs: number;
  /** False where the time is assumed or absent: such events are ordered only among those of the same source. */
  readonly orderable: boolean;
  readonly sourceId: string;
  /** The fields as the base rule sees them (native record with the aliases of its logsource). */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ref: EventRef;
}

export interface CorrelationFinding<Rule extends Referable = Referable> {
  readonly rule: Rule;
  /** Group-by field (or alias) → value as first seen. Empty for the one global group. */
  readonly group: Readonly<Record<string, string>>;
  /** The events of the window, oldest first, at most EVENTS_PER_FINDING_MAX (the oldest ones and the last). */
  readonly events: readonly EventRef[];
  readonly eventsTotal: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** What the condition was compared with: the count, sum, average, percentile, share or number of rules. */
  readonly value: number;
}

/** Bounds of the correlator's memory. Where one is reached the oldest goes, and is counted. */
export interface CorrelationLimits {
  /** Groups over all correlations; the least recently touched goes first. */
  readonly groupsMax: number;
  /** Events of one group; the oldest go first. */
  readonly groupEventsMax: number;
  /** Events over all groups; whole groups go, the least recently touched first. */
  readonly eventsMax: number;
}

export interface CorrelationCounters {
  /** Groups dropped at a limit. */
  groupsEvicted: number;
  /** Events that a limit took out of a group before their time. */
  eventsEvicted: number;
  /** Matches left out because a group-by field was absent or empty. */
  withoutGroup: number;
  /** Matches left out because the metric's field was absent or (where needed) no number. */
  withoutValue: number;
  /** Correlations whose saved state was left behind at `restore` because the rule is gone or has changed. */
  statesLeft: number;
}
