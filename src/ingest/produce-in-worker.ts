import { on } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import type { SourceMark } from '#ledger';
import { IngestError, type IngestErrorCode } from './errors.ts';
import type { RawPolicies } from './entry.ts';
import type { Produced, Production } from './produce.ts';

/** What the reading thread is told; all of it can be cloned. */
export interface WorkerJob {
  paths: readonly string[];
  format: string | undefined;
  zone: string | undefined;
  year: number | undefined;
  raw: RawPolicies;
  marks: ReadonlyMap<string, SourceMark>;
  /** The buffers of `BatchAreas`. */
  areas: readonly SharedArrayBuffer[];
}

/** Why the reading thread gave up as a whole. */
export interface Failure {
  kind: 'failure';
  code: IngestErrorCode;
  text: string;
  advice: string | undefined;
}

/**
 * The young generation of the reading thread. What a record leaves behind is dead when the next one is read, so that more room
 * than this spares no work; it only fills memory.
 */
const HEAP = { maxYoungGenerationSizeMb: 12 };

/** To the reading thread: it may send one more; the area that has become free, if one has. */
export type Credit = number | null;

function errorOf({ code, text, advice }: Failure): IngestError {
  return new IngestError(code, text, advice === undefined ? {} : { advice });
}

/**
 * As `produce`, in a thread of its own, so that reading and mapping go on while the ledger hashes, seals and writes. It stops
 * when `ahead` batches have not been released.
 */
export function produceInWorker(job: WorkerJob, ahead: number): Production {
  const worker = new Worker(new URL('./produce-worker.ts', import.meta.url), { workerData: job, resourceLimits: HEAP });
  const grant = (credit: Credit): void => worker.postMessage(credit);
  for (let i = 0; i < ahead; i += 1) grant(null);
  return { produced: receive(worker, grant), release: ({ area }) => grant(area) };
}

async function* receive(worker: Worker, grant: (credit: Credit) => void): AsyncGenerator<Produced> {
  const done = new AbortController();
  let failure: unknown = null;
  // The last messages are delivered before `exit`.
  worker.once('exit', () => done.abort());
  worker.once('error', (error) => {
    failure = error;
  });
  const messages = on(worker, 'message', { signal: done.signal });
  try {
    for await (const [message] of messages) {
      const produced = message as Produced | Failure;
      if (produced.kind === 'failure') throw errorOf(produced);
      yield produced;
      if (produced.kind !== 'batch') grant(null);
    }
  } catch (error) {
    if (failure !== null) throw failure;
    if (error instanceof IngestError || !done.signal.aborted) throw error;
  } finally {
    await worker.terminate();
  }
}

/** The buffers of a message that move to the other thread; an area stays where it is, both see it. */
export function transferOf(produced: Produced): Transferable[] {
  if (produced.kind !== 'batch') return [];
  const { heads, own } = produced.batch;
  return own === null ? [heads.buffer] : [heads.buffer, own.buffer];
}
