const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A session ends after this time without a request. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS;
/** A session ends at this age, whatever happens in it: a shift. */
export const SESSION_AGE_MS = 12 * HOUR_MS;
/** A session's last use is written at most this often, so that reading costs no `fdatasync` a request. */
export const SESSION_TOUCH_MS = MINUTE_MS;
/** Beyond it a user's oldest session ends. */
export const SESSIONS_PER_USER_MAX = 10;

/** A set-up link is good for this long; the next start makes another. */
export const SETUP_LINK_MS = HOUR_MS;

export const USERS_MAX = 1_000;
export const TOKENS_MAX = 200;
export const NAME_CHARS_MAX = 64;

/** NIST SP 800-63B-4 §3.1.1.2 asks for 15 where a password is all, and 8 beside a second factor. */
export const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 256;

/** Passwords hashed at the same time: each takes 19 MiB and a thread of the pool. */
export const HASHES_AT_ONCE = 2;
/** Waiting for their turn; beyond it the answer is `busy`. */
export const HASHES_WAITING_MAX = 32;

/** Counters of failed sign-ins; the one that was touched longest ago makes room. */
export const ATTEMPT_COUNTERS_MAX = 20_000;
/** A counter is forgotten after this time without another failure. */
export const ATTEMPTS_KEPT_MS = HOUR_MS;
