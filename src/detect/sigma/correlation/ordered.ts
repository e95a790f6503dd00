import type { Metric } from './metrics.ts';
import type { Entry } from './timeline.ts';
import type { EventRef } from './types.ts';

/** Events of different rules in listed order; `previous` is the same chain without its last event. */
interface Chain {
  readonly startMs: number;
  readonly entry: Entry;
  readonly previous: Chain | null;
}

/**
 * `chains[step][length]` is the chain of that many rules in listed order that ends with rule `step` and began
 * latest. A later beginning is always the better one, so no event needs to be looked at twice, and none needs to be
 * taken back when it leaves the window.
 */
type Chains = (Chain | null)[][];

interface Lane {
  chains: Chains;
  /** `chains` before the newest event: one event that matches two rules must not follow itself. */
  before: Chains;
  newest: EventRef | null;
  /** Events of the lane that are in the window. */
  events: number;
}

/**
 * The longest chain of different rules in listed order that lies in the window. Only events of one lane make a
 * chain: an assumed time says nothing about the order against another source.
 */
export function createOrderedMetric(ruleCount: number, timespanMs: number): Metric {
  const lanes = new Map<string, Lane>();

  /** Of several, the one that began latest; whatever came first in the window must not decide. */
  function longest(newest: Entry): { length: number; chain: Chain | null } {
    let best: { length: number; chain: Chain | null } = { length: 0, chain: null };
    for (const name of [...lanes.keys()].toSorted()) {
      for (const row of lanes.get(name)?.chains ?? []) {
        for (let length = ruleCount; length >= Math.max(best.length, 1); length -= 1) {
          const chain = row[length] ?? null;
          if (chain === null || chain.startMs < newest.timeMs - timespanMs) continue;
          if (length > best.length || chain.startMs > (best.chain?.startMs ?? -Infinity)) best = { length, chain };
        }
      }
    }
    return best;
  }

  return {
    add: (entry) => {
      const lane = lanes.get(entry.lane) ?? emptyLane(ruleCount);
      lanes.set(entry.lane, lane);
      extend(lane, entry);
    },
    remove: (entry) => {
      const lane = lanes.get(entry.lane);
      if (lane === undefined) return;
      lane.events -= 1;
      if (lane.events === 0) lanes.delete(entry.lane);
    },
    value: (newest) => longest(newest).length,
    evidence: (newest) => {
      const entries: Entry[] = [];
      for (let chain = longest(newest).chain; chain !== null; chain = chain.previous) entries.push(chain.entry);
      return entries.toReversed();
    },
  };
}

function emptyLane(ruleCount: number): Lane {
  const chains: Chains = Array.from({ length: ruleCount }, () => Array<Chain | null>(ruleCount + 1).fill(null));
  return { chains, before: copy(chains), newest: null, events: 0 };
}

function extend(lane: Lane, entry: Entry): void {
  lane.events += 1;
  if (lane.newest === null || lane.newest !== entry.ref) {
    lane.before = copy(lane.chains);
    lane.newest = entry.ref;
  }
  const row = lane.chains[entry.step];
  if (row === undefined) return;
  row[1] = { startMs: entry.timeMs, entry, previous: null };
  for (let length = 2; length <= entry.step + 1; length += 1) {
    for (let earlier = 0; earlier < entry.step; earlier += 1) {
      const previous = lane.before[earlier]?.[length - 1] ?? null;
      if (previous === null || previous.startMs < (row[length]?.startMs ?? -Infinity)) continue;
      row[length] = { startMs: previous.startMs, entry, previous };
    }
  }
}

function copy(chains: Chains): Chains {
  return chains.map((row) => [...row]);
}
