import type { CorrelationLimits } from './types.ts';

/** Event references that a finding lists; `eventsTotal` says how many there were. */
export const EVENTS_PER_FINDING_MAX = 100;
/** Rules that one temporal_ordered correlation may list: its cost an event grows with their square. */
export const ORDERED_RULES_MAX = 32;
/** Rules that any other correlation may list. */
export const RULES_MAX = 1_000;
/** Fields of group-by, or of a value_count. */
export const FIELDS_MAX = 16;
/** Correlations over correlations over correlations …; a deeper chain does not load. */
export const CHAIN_DEPTH_MAX = 16;
/** The longest window: a year and a day. */
export const TIMESPAN_MS_MAX = 366 * 86_400_000;
/** Characters of a group or counted value that are kept as they are; longer ones keep a prefix and a hash. */
export const VALUE_CHARS_MAX = 512;
/** Alerts of one group whose episodes are remembered at the same time. */
export const EPISODES_MAX = 64;
/** Windows of later events that one late event has judged anew; the rest are judged when the next event comes. */
export const LATE_WINDOWS_MAX = 1_000;
/** Events up to which a group keeps no running measure: most groups are small, and measuring so few anew is cheap. */
export const UNMEASURED_EVENTS_MAX = 16;
/** Matches after which what nothing can reach any more is forgotten. */
export const GENERATION_EVENTS = 4_096;

/** How much older than the newest events a match may be and still surely find its window as it was. */
export const LATENESS_MS_DEFAULT = 15 * 60_000;

export const CORRELATION_LIMITS: CorrelationLimits = {
  groupsMax: 100_000,
  groupEventsMax: 10_000,
  eventsMax: 1_000_000,
};
