import { EPISODES_MAX, LATE_WINDOWS_MAX, UNMEASURED_EVENTS_MAX } from './limits.ts';
import { type Metric, createMetric } from './metrics.ts';
import { type Chained, type Entry, Timeline } from './timeline.ts';
import type { ConditionOperator, CorrelationSection, EventRef } from './types.ts';

/**
 * A stretch of time in which the condition was met again and again, never a whole timespan apart. It alerts once,
 * at its birth, so that a flood is one finding.
 */
export interface Episode {
  readonly id: string;
  /** First and last time at which the condition was met. */
  fromMs: number;
  lastMs: number;
  /** What stood behind it at its birth, where a chain refers to its correlation. */
  chained?: Chained;
}

/** Begins the reference of an episode; no event has one like it. */
export const EPISODE_MARK = '\u0000episode:';
/** Ends the reference of an episode that goes on: it stands at its birth and at its latest time. */
export const RENEWAL_MARK = '+';

/** The condition was met by the window that ends with `newest`. */
export interface Met {
  readonly newest: Entry;
  readonly value: number;
  readonly episode: Episode;
  /** Whether the episode begins with it. */
  readonly isNew: boolean;
  /** The events that met it, oldest first. */
  entries(): Entry[];
}

/** The events of one group of one correlation, and how its window stands. */
export class Group {
  /** Values of the group-by fields as first seen. */
  readonly texts: readonly string[];
  readonly #section: CorrelationSection;
  readonly #timeline = new Timeline();
  readonly #episodes: Episode[] = [];
  /** Measures the events at positions #low to #high - 1; the window of the event at #high - 1. */
  #metric: Metric | null = null;
  #low = 0;
  #high = 0;
  /** Reference of the event that came last, since an event may match several rules of one correlation. */
  lastRef: EventRef | null = null;
  /** Where the renewal of each chained episode stands. */
  readonly #renewals = new Map<EventRef, number>();
  /** Whether all events so far are in the lane of orderable ones. */
  orderable = true;

  constructor(section: CorrelationSection, texts: readonly string[]) {
    this.#section = section;
    this.texts = texts;
  }

  get size(): number {
    return this.#timeline.length;
  }

  get episodes(): readonly Episode[] {
    return this.#episodes;
  }

  entries(): Entry[] {
    return this.#timeline.slice(this.#timeline.first, this.#timeline.end);
  }

  /** Takes back what a saved state held. */
  restore(entries: readonly Entry[], episodes: readonly Episode[]): void {
    for (const entry of entries) this.#timeline.insert(entry);
    this.#episodes.push(...episodes);
    this.orderable = entries.every((entry) => entry.lane === '');
    for (const { ref, timeMs } of entries) if (isRenewal(ref)) this.#renewals.set(ref, timeMs);
  }

  /**
   * Adds an event and looks at each window that it is in and that ends with an event: its own first, then those of
   * the later events that are already there. Calls `onMet` for each that meets the condition, in order of time.
   */
  insert(entry: Entry, newEpisodeId: () => string, onMet: (met: Met) => void): void {
    const position = this.#timeline.insert(entry);
    this.orderable &&= entry.lane === '';
    if (this.#metric === null || position !== this.#high) this.#rebuild(position);
    const reachedMs = entry.timeMs + this.#section.timespanMs;
    const end = Math.min(this.#timeline.end, position + 1 + LATE_WINDOWS_MAX);
    for (let p = position; p < end && this.#timeline.at(p).timeMs <= reachedMs; p += 1) {
      const newest = this.#step(p);
      const value = this.#metric?.value(newest) ?? null;
      if (value === null || !this.#meets(value)) continue;
      const { episode, isNew } = this.#episodeAt(newest.timeMs, newEpisodeId);
      onMet({ newest, value, episode, isNew, entries: () => this.#evidence(newest) });
    }
    if (this.size <= UNMEASURED_EVENTS_MAX) this.#metric = null;
  }

  /** Makes way for a renewal by taking out the earlier one; false when that is the later of the two. */
  supersede(ref: EventRef, timeMs: number): boolean {
    if (!isRenewal(ref)) return true;
    const earlierMs = this.#renewals.get(ref);
    if (earlierMs !== undefined && earlierMs > timeMs) return false;
    if (earlierMs !== undefined && this.#timeline.remove(earlierMs, ref)) this.#metric = null;
    this.#renewals.set(ref, timeMs);
    return true;
  }

  /** Drops events before `reachMs`, which nothing can reach any more; true when nothing is left of the group. */
  forget(reachMs: number): boolean {
    this.#dropFirst(this.#timeline.positionFrom(reachMs) - this.#timeline.first);
    const kept = this.#episodes.filter((episode) => episode.lastMs >= reachMs);
    if (kept.length < this.#episodes.length) this.#episodes.splice(0, this.#episodes.length, ...kept);
    for (const [ref, timeMs] of this.#renewals) if (timeMs < reachMs) this.#renewals.delete(ref);
    return this.size === 0 && this.#episodes.length === 0;
  }

  /** Drops the oldest events above `max`; returns how many of them the newest event's window still held. */
  evict(max: number): number {
    const surplus = this.size - max;
    if (surplus <= 0) return 0;
    const windowMs = this.#timeline.at(this.#timeline.end - 1).timeMs - this.#section.timespanMs;
    const dropped = this.#timeline.slice(this.#timeline.first, this.#timeline.first + surplus);
    this.#dropFirst(surplus);
    return dropped.filter((entry) => entry.timeMs >= windowMs).length;
  }

  #rebuild(position: number): void {
    const from = this.#timeline.positionFrom(this.#timeline.at(position).timeMs - this.#section.timespanMs);
    this.#metric = createMetric(this.#section);
    this.#low = from;
    for (let p = from; p < position; p += 1) this.#metric.add(this.#timeline.at(p));
    this.#high = position;
  }

  /** Moves the window on to the event at `position`, which is the next one. */
  #step(position: number): Entry {
    const newest = this.#timeline.at(position);
    this.#metric?.add(newest);
    this.#high = position + 1;
    while (this.#timeline.at(this.#low).timeMs < newest.timeMs - this.#section.timespanMs) {
      this.#metric?.remove(this.#timeline.at(this.#low));
      this.#low += 1;
    }
    return newest;
  }

  #evidence(newest: Entry): Entry[] {
    return this.#metric?.evidence?.(newest) ?? this.#timeline.slice(this.#low, this.#high);
  }

  #dropFirst(count: number): void {
    if (count <= 0) return;
    const first = this.#timeline.first + count;
    while (this.#metric !== null && this.#low < Math.min(first, this.#high)) {
      this.#metric.remove(this.#timeline.at(this.#low));
      this.#low += 1;
    }
    if (first > this.#high) this.#metric = null;
    this.#timeline.dropFirst(count);
  }

  #episodeAt(timeMs: number, newEpisodeId: () => string): { episode: Episode; isNew: boolean } {
    const { timespanMs } = this.#section;
    for (let i = this.#episodes.length - 1; i >= 0; i -= 1) {
      const episode = this.#episodes[i];
      if (episode === undefined || timeMs < episode.fromMs - timespanMs || timeMs > episode.lastMs + timespanMs)
        continue;
      episode.fromMs = Math.min(episode.fromMs, timeMs);
      episode.lastMs = Math.max(episode.lastMs, timeMs);
      return { episode, isNew: false };
    }
    const episode = { id: newEpisodeId(), fromMs: timeMs, lastMs: timeMs };
    this.#episodes.push(episode);
    if (this.#episodes.length > EPISODES_MAX) this.#episodes.shift();
    return { episode, isNew: true };
  }

  #meets(value: number): boolean {
    return this.#section.condition.comparisons.every(({ operator, threshold }) => compare(value, operator, threshold));
  }
}

export function isRenewal(ref: EventRef): boolean {
  return typeof ref === 'string' && ref.startsWith(EPISODE_MARK) && ref.endsWith(RENEWAL_MARK);
}

function compare(value: number, operator: ConditionOperator, threshold: number): boolean {
  switch (operator) {
    case 'gt':
      return value > threshold;
    case 'gte':
      return value >= threshold;
    case 'lt':
      return value < threshold;
    case 'lte':
      return value <= threshold;
    case 'eq':
      return value === threshold;
    case 'neq':
      return value !== threshold;
    default:
      throw new Error(`no operator ${String(operator satisfies never)}`);
  }
}
