import { KIB, MIB } from '#kernel';

/** A body of JSON; a larger one is answered with `too_large`. */
export const JSON_BYTES_MAX = 256 * KIB;
/** A receipt with the event that it is compared with. */
export const RECEIPT_BODY_BYTES_MAX = 9 * MIB;
/** An archive of rules. */
export const RULES_ARCHIVE_BYTES_MAX = 64 * MIB;
/** A body must be here within this time, so that slow senders hold nothing. */
export const BODY_TIME_MS_MAX = 30_000;
/** Characters of a query string. */
export const QUERY_CHARS_MAX = 8 * KIB;

export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 500;

/** Requests a second and at once of one session or token. */
export const CALLER_RATE = { perSecond: 30, burst: 150 };
/** Requests a second and at once of one address without a session. */
export const ADDRESS_RATE = { perSecond: 5, burst: 40 };
/** Buckets kept; the one that was used longest ago makes room. */
export const BUCKETS_MAX = 10_000;

/** Hunts of one person at the same time, and of all together. */
export const HUNTS_PER_CALLER_MAX = 2;
export const HUNTS_MAX = 4;

/** Live events kept for browsers that come back. */
export const STREAM_RING = 1_000;
export const STREAM_HEARTBEAT_MS = 15_000;
export const STREAMS_PER_CALLER_MAX = 6;
export const STREAMS_MAX = 200;
/** Bytes that a slow browser may leave unread before its stream ends; it comes back and catches up. */
export const STREAM_BACKLOG_BYTES_MAX = 256 * KIB;

export const SAVED_HUNTS_MAX = 500;
export const SAVED_FILTERS_MAX = 500;

/** Files of the built web pages, together, kept compressed in memory. */
export const WEB_BYTES_MAX = 32 * MIB;
