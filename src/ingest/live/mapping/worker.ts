import { parentPort, workerData } from 'node:worker_threads';
import { invariant, messageOf } from '#kernel';
import type { Tap, TapModule } from '../types.ts';
import { Mapper } from './mapper.ts';
import type { FromThread, ThreadData, ToThread } from './types.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port = parentPort;
const data = workerData as ThreadData;
const tap = data.tap === null ? null : await loadTap(data.tap);
const mapper = new Mapper({ raw: data.raw, tap });

async function loadTap({ module, options }: NonNullable<ThreadData['tap']>): Promise<Tap> {
  const loaded = (await import(module)) as TapModule;
  return loaded.createTap(options);
}

async function updateTap(options: unknown): Promise<string | null> {
  try {
    await tap?.update?.(options);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function say(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

// Requests are answered in order, also around an update that takes a while.
let turn = Promise.resolve();
port.on('message', (message: ToThread) => {
  turn = turn.then(async () => {
    const { ticket } = message;
    if (message.kind === 'tap') {
      say({ kind: 'tap', ticket, problem: await updateTap(message.options) });
      return;
    }
    const mapped = mapper.map(message.bytes, message.jobs);
    const { heads, own } = mapped;
    say({ kind: 'mapped', ticket, ...mapped }, own === null ? [heads.buffer] : [heads.buffer, own.buffer]);
  });
});
say({ kind: 'ready' });
