import { setImmediate } from 'node:timers/promises';
import { BATCH_FINDINGS_MAX } from './limits.ts';
import type { Finding } from './types.ts';

interface Waiting {
  finding: Finding;
  done: () => void;
  failed: (error: unknown) => void;
}

/** Gathers findings that come in a burst, so that many are taken in one transaction. */
export class Inlet {
  readonly #take: (findings: readonly Finding[]) => Promise<void>;
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>;
  #waiting: Waiting[] = [];
  #isAsked = false;

  /** `take`: all of them or none; `inTurn`: when whatever else changes incidents is done. */
  constructor(
    take: (findings: readonly Finding[]) => Promise<void>,
    inTurn: (work: () => Promise<void>) => Promise<void>,
  ) {
    this.#take = take;
    this.#inTurn = inTurn;
  }

  /** In the order in which they come. Resolves when it is kept; rejects when it, by itself, cannot be. */
  accept(finding: Finding): Promise<void> {
    const kept = new Promise<void>((done, failed) => void this.#waiting.push({ finding, done, failed }));
    this.#ask();
    return kept;
  }

  /** Index of the oldest finding that waits; infinite when none does. */
  get oldest(): number {
    return this.#waiting.reduce((least, { finding }) => Math.min(least, finding.index), Infinity);
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    // What else the server has to do comes in between; so do the other findings of a burst.
    void setImmediate().then(() => this.#inTurn(() => this.#next()));
  }

  async #next(): Promise<void> {
    const batch = this.#waiting.slice(0, BATCH_FINDINGS_MAX);
    this.#waiting = this.#waiting.slice(batch.length);
    this.#isAsked = false;
    if (this.#waiting.length > 0) this.#ask();
    try {
      await this.#take(batch.map(({ finding }) => finding));
      for (const { done } of batch) done();
    } catch {
      // One of them spoils the batch: each by itself, so that the others are kept.
      for (const { finding, done, failed } of batch) await this.#take([finding]).then(done, failed);
    }
  }
}
