import type { Clock } from '#kernel';
import { BUCKETS_MAX } from './limits.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Token buckets by key. */
export interface RateLimit {
  /** Whether this key may ask once more now. */
  take(key: string): boolean;
}

export function createRateLimit(clock: Clock, rate: { perSecond: number; burst: number }): RateLimit {
  const buckets = new Map<string, Bucket>();
  return {
    take(key) {
      const nowMs = clock.nowMs();
      const bucket = buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs };
      const gained = (Math.max(0, nowMs - bucket.atMs) / 1_000) * rate.perSecond;
      const tokens = Math.min(rate.burst, bucket.tokens + gained);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      if (buckets.size > BUCKETS_MAX) makeRoom(buckets);
      return tokens >= 1;
    },
  };
}

/** A Map keeps the order of insertion: its first keys were used longest ago. */
function makeRoom(buckets: Map<string, Bucket>): void {
  for (const key of [...buckets.keys()].slice(0, BUCKETS_MAX / 10)) buckets.delete(key);
}
