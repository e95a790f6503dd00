import type { EventRef } from './types.ts';

/** What stands behind a finding of another correlation. */
export interface Chained {
  /** At most EVENTS_PER_FINDING_MAX of its events. */
  readonly events: readonly EventRef[];
  readonly total: number;
  readonly firstMs: number;
}

/** One event of a group, as small as the correlation lets it be. */
export interface Entry {
  readonly timeMs: number;
  readonly ref: EventRef;
  /** Which of the correlation's rules matched. */
  readonly step: number;
  /** The metric's value; null where the correlation only counts. */
  readonly value: string | number | null;
  /** Events of different lanes are in no order with one another; '' is the lane of all orderable events. */
  readonly lane: string;
  /** Where the event is a finding of another correlation. */
  readonly chained?: Chained;
}

/**
 * Events in order of time, those of one time in the order in which they came. Positions are stable while only
 * the front is dropped: the first event keeps its position until it goes.
 */
export class Timeline {
  #entries: Entry[] = [];
  #start = 0;
  #dropped = 0;

  get length(): number {
    return this.#entries.length - this.#start;
  }

  /** Position of the first event. */
  get first(): number {
    return this.#dropped;
  }

  /** Position behind the last event. */
  get end(): number {
    return this.#dropped + this.length;
  }

  at(position: number): Entry {
    const entry = this.#entries[this.#start + position - this.#dropped];
    if (entry === undefined) throw new RangeError('position outside the timeline');
    return entry;
  }

  /** Puts the event behind all that are not later, and returns its position. */
  insert(entry: Entry): number {
    const position = this.positionAfter(entry.timeMs);
    if (position === this.end) this.#entries.push(entry);
    else this.#entries.splice(this.#start + position - this.#dropped, 0, entry);
    return position;
  }

  /** Takes out the event with this time and reference, if it is there. */
  remove(timeMs: number, ref: EventRef): boolean {
    for (let position = this.positionFrom(timeMs); position < this.end; position += 1) {
      const entry = this.at(position);
      if (entry.timeMs !== timeMs) return false;
      if (entry.ref !== ref) continue;
      this.#entries.splice(this.#start + position - this.#dropped, 1);
      return true;
    }
    return false;
  }

  dropFirst(count: number): void {
    this.#start += count;
    this.#dropped += count;
    if (this.#start * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  /** Position of the first event at or after the time. */
  positionFrom(timeMs: number): number {
    return this.#search((entry) => entry.timeMs >= timeMs);
  }

  /** Position of the first event after the time. */
  positionAfter(timeMs: number): number {
    const last = this.#entries.at(-1);
    if (this.length === 0 || last === undefined || last.timeMs <= timeMs) return this.end;
    return this.#search((entry) => entry.timeMs > timeMs);
  }

  slice(from: number, to: number): Entry[] {
    return this.#entries.slice(this.#start + from - this.#dropped, this.#start + to - this.#dropped);
  }

  #search(reached: (entry: Entry) => boolean): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (reached(this.at(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
