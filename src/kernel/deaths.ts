import type { Clock } from './clock.ts';

/** So many deaths within `WINDOW_MS` and a worker thread counts as one that does not live. */
const OFTEN = 5;
const WINDOW_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 200;
/** Pause before a thread that died often is tried again. */
const OFTEN_PAUSE_MS = 2 * 60_000;

/** The deaths of one worker thread: how long to wait before it is started anew, and whether it dies too often. */
export class Deaths {
  readonly #clock: Clock;
  /** The times of the latest ones, ms, by a clock that may be set: those of the future do not count. */
  #times: number[] = [];
  /** Since the start. */
  total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes one; gives the pause before the next life, ms: twice as long after each, from a fifth of a second. */
  note(): number {
    this.total += 1;
    this.#times = [...this.#latest(), this.#clock.nowMs()].slice(-OFTEN);
    return this.isOften ? OFTEN_PAUSE_MS : FIRST_PAUSE_MS * 2 ** (this.#times.length - 1);
  }

  /** It died so often of late that waiting a moment does not help. */
  get isOften(): boolean {
    return this.#latest().length >= OFTEN;
  }

  #latest(): number[] {
    const nowMs = this.#clock.nowMs();
    return this.#times.filter((atMs) => atMs <= nowMs && nowMs - atMs < WINDOW_MS);
  }
}
