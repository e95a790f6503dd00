import { parentPort, workerData } from 'node:worker_threads';
import { invariant, systemClock } from '#kernel';
import { BatchAreas } from './batch-areas.ts';
import { IngestError } from './errors.ts';
import { type Credit, type Failure, type WorkerJob, transferOf } from './produce-in-worker.ts';
import { produce } from './produce.ts';
import { sourcesFor } from './sources.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port = parentPort;
const job = workerData as WorkerJob;

const areas = new BatchAreas(job.areas);
let credit = 0;
let wake: (() => void) | null = null;
port.on('message', (area: Credit) => {
  if (area !== null) areas.give(area);
  credit += 1;
  wake?.();
});

const { paths, zone, year, raw, marks } = job;
const sources = sourcesFor(job.format);
const production = produce({ paths, sources, zone, year, raw, clock: systemClock, marks, areas });
try {
  for await (const produced of production) {
    while (credit === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    credit -= 1;
    port.postMessage(produced, transferOf(produced));
  }
} catch (error) {
  // An error of a class of ours would arrive as a plain one.
  if (!(error instanceof IngestError)) throw error;
  port.postMessage({ kind: 'failure', code: error.code, text: error.message, advice: error.advice } satisfies Failure);
}
port.close();
