import { parentPort, workerData } from 'node:worker_threads';
import { invariant, systemClock } from '#kernel';
import { type WorkerJob, transferOf } from './produce-in-worker.ts';
import { produce } from './produce.ts';
import { sourcesFor } from './sources.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port = parentPort;
const job = workerData as WorkerJob;

let credit = 0;
let wake: (() => void) | null = null;
port.on('message', () => {
  credit += 1;
  wake?.();
});

const { paths, zone, year, raw, marks } = job;
const sources = sourcesFor(job.format);
for await (const produced of produce({ paths, sources, zone, year, raw, clock: systemClock, marks })) {
  while (credit === 0)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  credit -= 1;
  port.postMessage(produced, transferOf(produced));
}
port.close();
