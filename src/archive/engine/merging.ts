import { type Clock, type Log, messageOf, utcDay } from '#kernel';
import { MERGE_AGAIN_MS } from '../limits.ts';
import { runsToMerge } from './compact.ts';
import type { Engine } from './engine.ts';
import { readFiles } from './writer.ts';

/** Merges small files. It only makes searching quicker: when it fails, what was sealed is sealed, and the files stay as they are. */
export class Merging {
  readonly #engine: Pick<Engine, 'manifest' | 'damaged' | 'path' | 'replace' | 'findDamaged'>;
  readonly #clock: Clock;
  readonly #log: Pick<Log, 'warn'>;
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(
    engine: Pick<Engine, 'manifest' | 'damaged' | 'path' | 'replace' | 'findDamaged'>,
    { clock, log }: { clock: Clock; log: Pick<Log, 'warn'> },
  ) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
  }

  /** Never rejects. A failure is costly and would come again at each seal: after one nothing is tried for a while. */
  async run(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (Math.abs(nowMs - this.#failedMs) < MERGE_AGAIN_MS) return;
    try {
      await this.#mergeAll(utcDay(nowMs));
    } catch (error) {
      this.#failedMs = nowMs;
      this.#log.warn('files of the archive were not merged: searching is slower until that is done', {
        reason: messageOf(error),
      });
    }
  }

  async #mergeAll(today: string): Promise<void> {
    const { manifest, damaged } = this.#engine;
    for (const run of runsToMerge(manifest.files, { today, damaged: new Set(damaged) })) {
      const [first] = run;
      if (first === undefined) continue;
      const { day, retention } = first;
      try {
        const mergedFrom = run.map((file) => this.#engine.path(file));
        const from = readFiles(mergedFrom);
        // Neighbours of telemetry follow one another by index, as their rows do.
        await this.#engine.replace(run, { day, retention, from, mergedFrom, isSorted: retention === 'telemetry' });
      } catch (error) {
        if (!(await this.#engine.findDamaged(error))) throw error;
      }
    }
  }
}
