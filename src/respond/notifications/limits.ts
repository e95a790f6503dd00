const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How often it is looked whether something is due. */
export const TICK_MS = 15 * SECOND;
/** One connection, from its beginning to the answer. */
export const SEND_MS_MAX = 20 * SECOND;
/** Messages that wait for one way; at it the incident is counted and told as a number in the next message. */
export const OUTBOX_MAX = 500;
/** Incidents that one message lists. */
export const MESSAGE_INCIDENTS_MAX = 50;
/** Pause after the first failure; it doubles with each one. */
export const RETRY_MS = 30 * SECOND;
export const RETRY_MS_MAX = HOUR;
/** A message that could not be delivered for so long is given up, counted and shown. */
export const GIVE_UP_MS = DAY;
/** An incident that was told is remembered for so long. */
export const TOLD_MS = 90 * DAY;
/** What an answer to a webhook may say; it is not looked at. */
export const ANSWER_BYTES_MAX = 64 * 1024;
export const RECIPIENTS_MAX = 20;
/** Characters of a text that comes from outside (a title holds names from log lines). */
export const TEXT_CHARS_MAX = 200;
