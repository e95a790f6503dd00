/** Where the time comes from. Passed in, so that one seed replays a whole run. */
export interface Clock {
  /** Milliseconds since the Unix epoch, as an integer. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** A clock for tests: it stands still until it is set or advanced. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  set(ms: number): void {
    this.#nowMs = ms;
  }
}

const DAY_MS = 86_400_000;
/** Times come in order, so the day asked for is nearly always the last one. */
let lastDay = { number: Number.NaN, text: '' };

/** The UTC day of a time, `YYYY-MM-DD`. Days name key files and day indexes. */
export function utcDay(ms: number): string {
  const number = Math.floor(ms / DAY_MS);
  if (number !== lastDay.number) lastDay = { number, text: new Date(ms).toISOString().slice(0, 10) };
  return lastDay.text;
}
