import { on } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import type { SourceMark } from '#ledger';
import type { Produced, RawPolicies } from './produce.ts';

/** What the reading thread is told; all of it can be cloned. */
export interface WorkerJob {
  paths: readonly string[];
  format: string | undefined;
  zone: string | undefined;
  year: number | undefined;
  raw: RawPolicies;
  marks: ReadonlyMap<string, SourceMark>;
}

/** Batches that may be ahead of the ledger; more would only fill memory. */
const AHEAD_MAX = 4;

/** As `produce`, in a thread of its own, so that reading and mapping go on while the ledger hashes, seals and writes. */
export async function* produceInWorker(job: WorkerJob): AsyncGenerator<Produced> {
  const worker = new Worker(new URL('./produce-worker.ts', import.meta.url), { workerData: job });
  const done = new AbortController();
  let failure: unknown = null;
  // The last messages are delivered before `exit`.
  worker.once('exit', () => done.abort());
  worker.once('error', (error) => {
    failure = error;
  });
  const messages = on(worker, 'message', { signal: done.signal });
  for (let i = 0; i < AHEAD_MAX; i += 1) worker.postMessage(null);
  try {
    for await (const [produced] of messages) {
      yield produced as Produced;
      worker.postMessage(null);
    }
  } catch (error) {
    if (failure !== null) throw failure;
    if (!done.signal.aborted) throw error;
  } finally {
    await worker.terminate();
  }
}

/** The buffers of a message that move to the other thread instead of being copied. */
export function transferOf(produced: Produced): Transferable[] {
  return produced.kind === 'batch' ? [produced.batch.heads.buffer, produced.batch.body.buffer] : [];
}
