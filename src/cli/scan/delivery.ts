import type { BaseMatch, BlockResult, RejectSample, ScanTotals } from './types.ts';

const SAMPLES_MAX = 5;

/** Takes the blocks of one member, in their order, as they are given to evaluation. */
export type Emit = (block: Promise<BlockResult>) => void;

/**
 * Hands on what blocks came to in the order in which they were given out, whichever thread is done first, and as soon as
 * that order allows: a finding at the beginning of a large file does not wait for its end.
 */
export class Delivery {
  readonly #totals: ScanTotals;
  readonly #onMatches: (matches: readonly BaseMatch[]) => void;
  #tail: Promise<void> = Promise.resolve();

  constructor(totals: ScanTotals, onMatches: (matches: readonly BaseMatch[]) => void) {
    this.#totals = totals;
    this.#onMatches = onMatches;
  }

  /** For the blocks of one member; it counts their records from 0. */
  member(file: string, member: string | null): Emit {
    let base = 0;
    return (block) => {
      // Awaited in its turn; until then a failure must not count as unhandled.
      block.catch(() => undefined);
      this.#then(async () => {
        const result = await block;
        const first = base;
        this.#count(result, (sample) => ({ file, member, ...sample, record: sample.record + first }));
        if (result.matches.length > 0)
          this.#onMatches(result.matches.map((match) => ({ ...match, record: match.record + first })));
        base += result.records;
      });
    };
  }

  fileEnds(): void {
    this.#then(async () => {
      this.#totals.files += 1;
    });
  }

  /** Resolves when everything is handed on; rejects when a thread failed. */
  done(): Promise<void> {
    return this.#tail;
  }

  #then(step: () => Promise<void>): void {
    this.#tail = this.#tail.then(step);
    this.#tail.catch(() => undefined);
  }

  #count(result: BlockResult, placed: (sample: BlockResult['samples'][number]) => RejectSample): void {
    const totals = this.#totals;
    for (const sample of result.samples.map(placed))
      if (totals.rejectSamples.length < SAMPLES_MAX && !totals.rejectSamples.some((other) => isLike(other, sample)))
        totals.rejectSamples.push(sample);
    for (const [code, count] of Object.entries(result.rejected))
      totals.rejected[code] = (totals.rejected[code] ?? 0) + count;
    totals.regexInputsCut += result.regexInputsCut;
    totals.records += result.records;
  }
}

/** Of one file one example of each reason says enough. */
function isLike(a: RejectSample, b: RejectSample): boolean {
  return a.file === b.file && a.member === b.member && a.code === b.code;
}
