import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { BatchAreas } from '#ingest';
import { invariant, systemClock } from '#kernel';
import type { Tap, TapModule } from '../types.ts';
import { FollowedMarks } from './followed-marks.ts';
import { BATCHES_AHEAD, FIRST_LOOK_MS, OPEN_FILES_MAX, READS_AT_ONCE } from './limits.ts';
import type { Batch, SharedReading } from './reading.ts';
import { Turns } from './turns.ts';
import type { FilesThreadData, FromFiles, ToFiles } from './types.ts';
import { Watch } from './watch.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port = parentPort;
const data = workerData as FilesThreadData;
const tap = data.tap === null ? null : await loadTap(data.tap);
const credits = new Turns(BATCHES_AHEAD);
const stopped = new Set<string>();

function say(message: FromFiles, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function loadTap({ module, options }: NonNullable<FilesThreadData['tap']>): Promise<Tap> {
  return ((await import(module)) as TapModule).createTap(options);
}

async function send(sourceId: string, batch: Batch, tapped: [number, unknown][]): Promise<void> {
  if (stopped.has(sourceId)) throw new Error('the source was removed');
  // Known from here on: what another file holds of it is not read again.
  shared.marks.set(batch.mark);
  await credits.take();
  const { heads, own } = batch;
  say({ kind: 'batch', sourceId, batch, tapped }, own === null ? [heads.buffer] : [heads.buffer, own.buffer]);
}

const shared: SharedReading = {
  clock: systemClock,
  timing: data.timing,
  marks: new FollowedMarks(data.marks.values()),
  turns: new Turns(READS_AT_ONCE),
  room: { files: OPEN_FILES_MAX },
  // Each batch has bytes of its own, which move to the other thread.
  areas: new BatchAreas([]),
  raw: data.raw,
  observe: (record) => {
    if (tap === null) return null;
    try {
      return tap.observe(record) ?? null;
    } catch {
      // A tap that throws breaks its promise; the record goes on without it.
      return null;
    }
  },
  send,
};
const watches: Watch[] = data.paths.map(
  (path) =>
    new Watch(path, shared, {
      isAboutToStart: (name, other) => watches.some((watch) => watch.isAboutToStart(name, other)),
      isUnmarked: (name, other) => watches.some((watch) => watch.isUnmarked(name, other)),
      isAnyToStart: (other) => watches.some((watch) => watch.isAnyToStart(other)),
    }),
);

port.on('message', (message: ToFiles) => {
  if (message.kind === 'credit') credits.give();
  else if (message.kind === 'tap') void Promise.resolve(tap?.update?.(message.options)).catch(() => undefined);
  else stop(message.sourceId);
});

function stop(sourceId: string): void {
  stopped.add(sourceId);
  const at = watches.findIndex(({ path }) => path.sourceId === sourceId);
  if (at !== -1) for (const watch of watches.splice(at, 1)) watch[Symbol.dispose]();
}

let told = '';
function tell(): void {
  const states = watches.map((watch) => watch.state());
  const text = JSON.stringify(states);
  if (text !== told) say({ kind: 'state', states });
  told = text;
}

// Nothing that is there now is taken for news later; a folder that does not answer keeps nobody waiting.
await Promise.race([Promise.all(watches.map((watch) => watch.look())), sleep(FIRST_LOOK_MS, null, { ref: false })]);
say({ kind: 'ready' });
tell();
setInterval(tell, Math.min(1_000, data.timing.pollMs));
