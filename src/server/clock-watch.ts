import type { Clock } from '#kernel';

/** A clock that was set by less is one that NTP keeps right. */
const STEP_MS_MAX = 60_000;
/** A clock that is so far ahead of the newest entry when the server starts is doubted until the next start. */
const AHEAD_MS_MAX = 7 * 86_400_000;

/** Whether the clock can be believed: against one that nobody can set, and against the ledger as it was at the start. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #startedMonotonicMs = performance.now();
  readonly #newestMs: number | null;

  /** `newestMs`: receive time of the newest entry before anything came in; null for an empty ledger. */
  constructor(clock: Clock, newestMs: number | null) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#newestMs = newestMs;
  }

  /** By how much it was set since the start, ms; 0 for what is no step. */
  stepMs(): number {
    const passedMs = performance.now() - this.#startedMonotonicMs;
    const stepMs = this.#clock.nowMs() - this.#startedMs - passedMs;
    return Math.abs(stepMs) < STEP_MS_MAX ? 0 : stepMs;
  }

  /** Why nothing may be destroyed by this clock; null when it can be believed. */
  doubt(): string | null {
    const stepMs = this.stepMs();
    if (stepMs !== 0) return `the clock was set ${stepMs > 0 ? 'forward' : 'back'} since the start`;
    if (this.#newestMs !== null && this.#startedMs - this.#newestMs > AHEAD_MS_MAX)
      return 'at the start the clock was more than a week ahead of the newest entry';
    return null;
  }
}
