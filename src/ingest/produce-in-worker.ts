import { on } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import type { SourceMark } from '#ledger';
import { IngestError, type IngestErrorCode } from './errors.ts';
import type { RawPolicies } from './entry.ts';
import type { Produced } from './produce.ts';

/** What the reading thread is told; all of it can be cloned. */
export interface WorkerJob {
  paths: readonly string[];
  format: string | undefined;
  zone: string | undefined;
  year: number | undefined;
  raw: RawPolicies;
  marks: ReadonlyMap<string, SourceMark>;
}

/** Why the reading thread gave up as a whole. */
export interface Failure {
  kind: 'failure';
  code: IngestErrorCode;
  text: string;
  advice: string | undefined;
}

/** Batches that may be ahead of the ledger; more would only fill memory. */
const AHEAD_MAX = 4;

function errorOf({ code, text, advice }: Failure): IngestError {
  return new IngestError(code, text, advice === undefined ? {} : { advice });
}

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
    for await (const [message] of messages) {
      const produced = message as Produced | Failure;
      if (produced.kind === 'failure') throw errorOf(produced);
      yield produced;
      worker.postMessage(null);
    }
  } catch (error) {
    if (failure !== null) throw failure;
    if (error instanceof IngestError || !done.signal.aborted) throw error;
  } finally {
    await worker.terminate();
  }
}

/** The buffers of a message that move to the other thread instead of being copied. */
export function transferOf(produced: Produced): Transferable[] {
  return produced.kind === 'batch' ? [produced.batch.heads.buffer, produced.batch.body.buffer] : [];
}
