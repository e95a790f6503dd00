import { createOrderedMetric } from './ordered.ts';
import type { Entry } from './timeline.ts';
import type { CorrelationSection } from './types.ts';

/** What a window is measured by. Events come in order of time and leave oldest first. */
export interface Metric {
  add(entry: Entry): void;
  /** Takes out the oldest of the added events. */
  remove(entry: Entry): void;
  /** The measure of the window that ends with `newest`; null where there is none yet. */
  value(newest: Entry): number | null;
  /** The events that make the measure, where that is not the whole window. */
  evidence?(newest: Entry): Entry[];
}

/** The measure that a correlation's type and condition ask for, over an empty window. */
export function createMetric(section: CorrelationSection): Metric {
  switch (section.type) {
    case 'event_count':
      return countMetric();
    case 'value_count':
    case 'temporal':
      return distinctMetric(section.type === 'temporal' ? (entry) => entry.step : (entry) => entry.value);
    case 'value_sum':
      return sumMetric((sum) => sum);
    case 'value_avg':
      return sumMetric((sum, count) => sum / count);
    case 'value_median':
      return percentileMetric(50);
    case 'value_percentile':
      return section.condition.percentile === null ? shareMetric() : percentileMetric(section.condition.percentile);
    case 'temporal_ordered':
      return createOrderedMetric(section.rules.length, section.timespanMs);
    default:
      throw new Error(`no metric for ${String(section.type satisfies never)}`);
  }
}

function countMetric(): Metric {
  let count = 0;
  return {
    add: () => void (count += 1),
    remove: () => void (count -= 1),
    value: () => count,
  };
}

function distinctMetric(what: (entry: Entry) => unknown): Metric {
  const counts = new Map<unknown, number>();
  return {
    add: (entry) => void counts.set(what(entry), (counts.get(what(entry)) ?? 0) + 1),
    remove: (entry) => {
      const left = (counts.get(what(entry)) ?? 1) - 1;
      if (left === 0) counts.delete(what(entry));
      else counts.set(what(entry), left);
    },
    value: () => counts.size,
  };
}

/** How many percent of the window's values equal that of the newest event. */
function shareMetric(): Metric {
  const counts = new Map<unknown, number>();
  let total = 0;
  return {
    add: (entry) => {
      counts.set(entry.value, (counts.get(entry.value) ?? 0) + 1);
      total += 1;
    },
    remove: (entry) => {
      const left = (counts.get(entry.value) ?? 1) - 1;
      if (left === 0) counts.delete(entry.value);
      else counts.set(entry.value, left);
      total -= 1;
    },
    value: (newest) => ((counts.get(newest.value) ?? 0) * 100) / total,
  };
}

/**
 * A sum that never subtracts: a value that leaves would take the smaller ones beside it along by rounding, and one
 * huge forged number would spoil every sum after it. Sums from the back grow in `recent`; when the oldest must leave
 * and `older` is used up, `recent` is turned into suffix sums once.
 */
function sumMetric(measure: (sum: number, count: number) => number): Metric {
  let recent: number[] = [];
  let recentSum = 0;
  let older: number[] = [];
  return {
    add: (entry) => {
      recent.push(Number(entry.value));
      recentSum += Number(entry.value);
    },
    remove: () => {
      if (older.length === 0) {
        let suffix = 0;
        older = recent.toReversed().map((value) => (suffix += value));
        recent = [];
        recentSum = 0;
      }
      older.pop();
    },
    value: () => {
      const count = older.length + recent.length;
      return count === 0 ? null : measure((older.at(-1) ?? 0) + recentSum, count);
    },
  };
}

/** Linear between the closest ranks, so that the 50th of an even number of values is the middle of the middle two. */
function percentileMetric(percentile: number): Metric {
  const sorted: number[] = [];
  return {
    add: (entry) => void sorted.splice(rankOf(sorted, Number(entry.value)), 0, Number(entry.value)),
    remove: (entry) => void sorted.splice(rankOf(sorted, Number(entry.value)), 1),
    value: () => {
      const rank = ((sorted.length - 1) * percentile) / 100;
      const below = sorted[Math.floor(rank)];
      const above = sorted[Math.ceil(rank)];
      if (below === undefined || above === undefined) return null;
      return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
    },
  };
}

/** Where the value stands, or would stand, in ascending numbers. */
function rankOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
