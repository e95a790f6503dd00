import type { Clock } from '#kernel';

/** The same look of the same person is recorded once in this time. */
const REPEAT_MS = 60_000;
const LOOKS_MAX = 5_000;

/** Looks that were recorded lately. */
export interface Looks {
  /** Whether this look was not recorded lately; from now on it was. */
  isNew(key: string): boolean;
  /** It could not be recorded after all. */
  forget(key: string): void;
}

export function createLooks(clock: Clock): Looks {
  const recorded = new Map<string, number>();
  return {
    isNew(key) {
      const nowMs = clock.nowMs();
      const atMs = recorded.get(key);
      if (atMs !== undefined && nowMs >= atMs && nowMs - atMs < REPEAT_MS) return false;
      recorded.delete(key);
      recorded.set(key, nowMs);
      if (recorded.size > LOOKS_MAX)
        for (const old of [...recorded.keys()].slice(0, LOOKS_MAX / 10)) recorded.delete(old);
      return true;
    },
    forget: (key) => void recorded.delete(key),
  };
}
