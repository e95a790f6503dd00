import type { Clock } from '#kernel';
import { ATTEMPTS_KEPT_MS, ATTEMPT_COUNTERS_MAX } from './limits.ts';

/** After `free` failures each next try waits twice as long, from one second to `waitMsMax`. */
interface Limit {
  free: number;
  waitMsMax: number;
}

/**
 * A browser in which the user signed in before is counted by itself and waits half a minute at most. So strangers who
 * guess, also from the same network, can lock out strangers only (OWASP, "device cookies").
 */
const KNOWN_BROWSER: Limit = { free: 5, waitMsMax: 30_000 };
/** One name from one address: guessing one password. */
const NAME_AND_ADDRESS: Limit = { free: 5, waitMsMax: 15 * 60_000 };
/** All names from one address: trying a list of people. A hospital may have a single address, so the wait is short. */
const ADDRESS: Limit = { free: 30, waitMsMax: 30_000 };
/** One name from all addresses: guessing from many machines. */
const NAME: Limit = { free: 50, waitMsMax: 60_000 };

interface Counter {
  failures: number;
  lastMs: number;
}

export interface Attempt {
  /** Name as it was typed, folded. */
  name: string;
  address: string;
  /** Nonce of a browser in which this user signed in before; null for all others. */
  device: string | null;
}

/** Where counts outlive a restart, under digests of what they are of: whose name and which address cannot be read there. */
export interface AttemptsKept {
  digest: (key: string) => string;
  load: () => Promise<readonly { id: string; failures: number; last_ms: number }[]>;
  /** Null is forgotten. */
  save: (rows: ReadonlyMap<string, { failures: number; last_ms: number } | null>) => Promise<void>;
}

/** Counts failed sign-ins and says who has to wait. */
export interface Attempts {
  /**
   * Counts a try as failed before it is made, so that many at once gain nothing. Gives ms to wait (the try is then not
   * counted, and must not be made), or 0.
   */
  begin(attempt: Attempt): number;
  /** The try was neither good nor bad: as if it had not been. */
  undo(attempt: Attempt): void;
  /** The try was good: what was counted against it is forgotten. */
  succeed(attempt: Attempt): void;
  /** Takes over what an earlier run counted; to be awaited before the first try. */
  loaded(): Promise<void>;
  /** Keeps what was counted since. */
  save(): Promise<void>;
}

/** Without `kept` a restart begins anew. */
export function createAttempts(clock: Clock, kept?: AttemptsKept): Attempts {
  const counters = new Map<string, Counter>();
  const changed = new Set<string>();
  let loading: Promise<void> | null = null;
  const keysOf = (attempt: Attempt): [string, Limit][] =>
    countedBy(attempt).map(([key, limit]) => [kept?.digest(key) ?? key, limit]);
  const failuresOf = (key: string): Counter => {
    const counter = counters.get(key);
    if (counter !== undefined && clock.nowMs() - counter.lastMs < ATTEMPTS_KEPT_MS) return counter;
    return { failures: 0, lastMs: 0 };
  };
  const count = (key: string): void => {
    const { failures } = failuresOf(key);
    counters.delete(key);
    counters.set(key, { failures: failures + 1, lastMs: clock.nowMs() });
    changed.add(key);
    if (counters.size > ATTEMPT_COUNTERS_MAX) makeRoom(counters);
  };
  const uncount = (key: string): void => {
    const counter = counters.get(key);
    if (counter !== undefined) counter.failures = Math.max(0, counter.failures - 1);
    changed.add(key);
  };
  return {
    begin(attempt) {
      const keys = keysOf(attempt);
      const waits = keys.map(([key, limit]) => waitMs(failuresOf(key), limit, clock.nowMs()));
      const longest = Math.max(...waits);
      if (longest > 0) return longest;
      for (const [key] of keys) count(key);
      return 0;
    },
    undo(attempt) {
      for (const [key] of keysOf(attempt)) uncount(key);
    },
    succeed(attempt) {
      for (const [key, limit] of keysOf(attempt)) {
        // One success clears the pair; an address that tries many names keeps what the others cost it.
        if (limit === NAME_AND_ADDRESS || limit === KNOWN_BROWSER) counters.delete(key);
        else uncount(key);
        changed.add(key);
      }
    },
    loaded() {
      loading ??= (async () => {
        for (const { id, failures, last_ms } of (await kept?.load()) ?? [])
          counters.set(id, { failures, lastMs: last_ms });
      })();
      return loading;
    },
    async save() {
      if (kept === undefined || changed.size === 0) return;
      const rows = new Map(
        [...changed].map((key) => {
          const counter = counters.get(key);
          return [key, counter === undefined ? null : { failures: counter.failures, last_ms: counter.lastMs }] as const;
        }),
      );
      changed.clear();
      await kept.save(rows);
    },
  };
}

function countedBy({ name, address, device }: Attempt): [string, Limit][] {
  if (device !== null) return [[`device ${device}`, KNOWN_BROWSER]];
  const network = networkOf(address);
  return [
    [`pair ${network} ${name}`, NAME_AND_ADDRESS],
    [`address ${network}`, ADDRESS],
    [`name ${name}`, NAME],
  ];
}

function waitMs({ failures, lastMs }: Counter, limit: Limit, nowMs: number): number {
  if (failures < limit.free) return 0;
  const wait = Math.min(limit.waitMsMax, 1_000 * 2 ** Math.min(30, failures - limit.free));
  // A clock that went back makes nobody wait longer.
  return Math.min(wait, Math.max(0, lastMs + wait - nowMs));
}

/** An IPv6 host owns its /64 and may take any address in it. */
export function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.split('%')[0]?.split('::') ?? [];
  const [front, back] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...(front ?? []), ...Array.from({ length: 8 }, () => '0')]
    .slice(0, 8 - (back?.length ?? 0))
    .concat(back ?? []);
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}

/** Drops a tenth at once: a Map keeps the order of insertion, so its first keys are those touched longest ago. */
function makeRoom(counters: Map<string, Counter>): void {
  const doomed = [...counters.keys()].slice(0, ATTEMPT_COUNTERS_MAX / 10);
  for (const key of doomed) counters.delete(key);
}
