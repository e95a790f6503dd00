import { ArchiveError } from '../errors.ts';
import { HUNTS_WAITING_MAX } from '../limits.ts';

/** Things of which each can be used by one at a time; who comes when none is free waits, in order. */
export class Slots<T> {
  readonly #free: T[];
  readonly #waiting: { give: (thing: T) => void; refuse: (error: ArchiveError) => void }[] = [];

  constructor(things: readonly T[]) {
    this.#free = [...things];
  }

  /**
   * @throws {ArchiveError} `busy` when as many wait as may, `cancelled` when the signal comes first.
   */
  async take(signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw cancelled();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#waiting.length >= HUNTS_WAITING_MAX)
      throw new ArchiveError('busy', 'too many hunts wait already', { advice: 'try again in a minute' });
    return new Promise<T>((resolve, reject) => {
      const waiter = { give: resolve, refuse: reject };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', () => {
        const at = this.#waiting.indexOf(waiter);
        if (at === -1) return;
        this.#waiting.splice(at, 1);
        reject(cancelled());
      });
    });
  }

  give(thing: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(thing);
    else next.give(thing);
  }
}

export function cancelled(): ArchiveError {
  return new ArchiveError('cancelled', 'the hunt was cancelled');
}
