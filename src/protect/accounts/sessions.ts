import { sameSecret } from '#kernel';
import { SESSIONS_PER_USER_MAX, SESSION_AGE_MS, SESSION_IDLE_MS, SESSION_TOUCH_MS } from './limits.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';
import type { SessionRow, UserRow } from './store.ts';
import type { SignedIn } from './types.ts';
import { type World, accountOf } from './world.ts';

export interface Sessions {
  /** Opens a session; `cookie` is kept nowhere. */
  open(user: UserRow): Promise<{ cookie: string; signedIn: SignedIn }>;
  /** The session of a cookie, or null when it is unknown, over, or its user is locked or gone. */
  find(cookie: string): Promise<SignedIn | null>;
  end(sessionId: string): Promise<void>;
  /** All sessions of a user; `except` stays. */
  endAll(userId: string, except: string | null): Promise<void>;
  /** Forgets sessions whose time is over. */
  sweep(): Promise<void>;
}

/**
 * Sessions of 256 random bits, kept as a hash. They lie in the database, so that a restart signs nobody out; what a full
 * disk refuses is kept in memory, so that somebody can sign in to mend it.
 */
export function createSessions(world: World): Sessions {
  const { store, clock, random, log } = world;
  /** Sessions and last uses that are not in the database (yet). */
  const unsaved = new Map<string, SessionRow>();
  const seen = new Map<string, number>();
  const rowOf = async (id: string): Promise<SessionRow | null> => unsaved.get(id) ?? (await store.session(id));
  const isOver = (row: SessionRow): boolean => {
    const nowMs = clock.nowMs();
    return (
      // From a future that a wrong clock showed: it would outlive its shift.
      Math.abs(nowMs - row.created_ms) >= SESSION_AGE_MS ||
      nowMs - Math.max(row.seen_ms, seen.get(row.id) ?? 0) >= SESSION_IDLE_MS
    );
  };
  const touch = async (row: SessionRow): Promise<void> => {
    const nowMs = clock.nowMs();
    seen.set(row.id, nowMs);
    if (nowMs - row.seen_ms < SESSION_TOUCH_MS) return;
    try {
      await store.touchSession(row.id, nowMs);
    } catch (error) {
      log.warn('the last use of a session was not saved', { reason: String(error) });
    }
  };
  const forget = (id: string): void => {
    unsaved.delete(id);
    seen.delete(id);
  };
  return {
    async open(user) {
      const secret = newSecret(random);
      const nowMs = clock.nowMs();
      const row = { id: newId(random), hash: hashSecret(secret), user_id: user.id, created_ms: nowMs, seen_ms: nowMs };
      try {
        await store.insertSession(row, SESSIONS_PER_USER_MAX);
      } catch (error) {
        log.error('a session is kept in memory alone', error);
        unsaved.set(row.id, row);
        if (unsaved.size > SESSIONS_PER_USER_MAX) forget(unsaved.keys().next().value ?? '');
      }
      return { cookie: `${row.id}.${secret}`, signedIn: signedInOf(row, user) };
    },
    async find(cookie) {
      const [id = '', secret = ''] = cookie.split('.');
      const row = await rowOf(id);
      if (row === null || !sameSecret(row.hash, hashSecret(secret))) return null;
      const user = await store.user(row.user_id);
      if (user === null || user.locked === 1) return null;
      if (isOver(row)) {
        forget(id);
        await store.deleteSession(id);
        return null;
      }
      await touch(row);
      return signedInOf(row, user);
    },
    async end(sessionId) {
      forget(sessionId);
      await store.deleteSession(sessionId);
    },
    async endAll(userId, except) {
      for (const row of unsaved.values()) if (row.user_id === userId && row.id !== except) forget(row.id);
      await store.deleteSessionsOf(userId, except);
    },
    async sweep() {
      const nowMs = clock.nowMs();
      await store.deleteSessionsBefore({
        createdMs: nowMs - SESSION_AGE_MS,
        // A use may not be saved for a minute.
        seenMs: nowMs - SESSION_IDLE_MS - SESSION_TOUCH_MS,
      });
      for (const [id, ms] of seen) if (nowMs - ms >= SESSION_IDLE_MS) forget(id);
    },
  };
}

function signedInOf(row: SessionRow, user: UserRow): SignedIn {
  return { sessionId: row.id, account: accountOf(user), mustChangePassword: user.must_change === 1 };
}
