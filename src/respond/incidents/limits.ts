const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Findings of one incident that its account and timeline tell: the first and the last of them. Counts, names, tactics and
 * severity follow from all, which stand in the list of findings.
 */
export const FINDINGS_TOLD_MAX = 2_000;
/** Findings that are taken in one transaction; what comes meanwhile waits for the next. */
export const BATCH_FINDINGS_MAX = 128;
/** Findings that wait, taken along for one name. */
export const LOOSE_MAX = 200;
/** A finding joins an incident that shares an entity, when at most so long lies between them, by the finding's level. */
export const JOIN_GAP_MS = {
  informational: DAY,
  low: DAY,
  medium: 3 * DAY,
  high: 14 * DAY,
  critical: 14 * DAY,
} as const;
/** The same rule on another computer within this time is the same outbreak. */
export const OUTBREAK_MS = HOUR;
/** A device or address on which findings name so many different users ties nothing together (a domain controller). */
export const COMMON_USERS = 8;
/** A finding that names more of one kind than this says nothing about each of them. */
export const TYING_PER_KIND_MAX = 5;
/** Incidents that one finding can connect; of more the oldest. */
export const CONNECTED_MAX = 20;
/** Entities of one finding that are looked at. */
export const ENTITIES_PER_FINDING_MAX = 30;
/** Entities shown with an incident. */
export const ENTITIES_SHOWN_MAX = 30;
/** A suppression ends at the latest after this. */
export const SUPPRESSION_MS_MAX = 90 * DAY;
/** What a suppression would have hidden is looked for so far back. */
export const PREVIEW_MS = 30 * DAY;
export const NOTE_CHARS_MAX = 10_000;
export const TITLE_CHARS_MAX = 200;
export const PAGE_MAX = 200;
