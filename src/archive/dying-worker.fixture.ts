/** The archive's thread, which dies when it is told to, in the way it is told. */
import { createHook } from 'node:async_hooks';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

/**
 * `throw`, `reject` and `memory` are faults of the thread's own code, and come while a long query runs. `exit` and `leap` (a
 * heap that is full within one turn) end it without asking, and come only while nothing native is under way: DuckDB's binding
 * would end the process.
 */
export type Death = 'exit' | 'throw' | 'reject' | 'memory' | 'leap';

/** Calls into DuckDB that are under way, as Node names what an addon has handed to its threads. */
const native = new Set<number>();
createHook({
  init: (id, type) => void (type === 'generic' && native.add(id)),
  destroy: (id) => void native.delete(id),
}).enable();

const kept: unknown[] = [];

const DEATHS: Readonly<Record<Death, () => Promise<void> | void>> = {
  exit: async () => {
    await idle();
    process.exit(7);
  },
  throw: async () => {
    await busy();
    setImmediate(() => {
      throw new Error('made to fail');
    });
  },
  reject: async () => {
    await busy();
    throw new Error('made to fail');
  },
  memory: async () => {
    await busy();
    // What grows with the work grows no more when none is done.
    while (process.exitCode === undefined) {
      keep(1_000);
      await turn();
    }
  },
  leap: async () => {
    await idle();
    for (;;) keep(1_000);
  },
};

/** Large pieces could leap over what Node leaves a full heap for its end. */
function keep(pieces: number): void {
  const piece = Array.from({ length: 1_000 }, (_, n) => n);
  for (let n = 0; n < pieces; n += 1) kept.push(piece.slice());
}

async function idle(): Promise<void> {
  while (native.size > 0) await pause(5);
}

/** Resolves when a call runs that does not end by itself. */
async function busy(): Promise<void> {
  for (;;) {
    const [oldest] = native;
    await pause(100);
    if (oldest !== undefined && native.has(oldest)) return;
  }
}

parentPort?.on('message', (message: { kind: string; id?: string }) => {
  if (message.kind === 'cancel' && typeof message.id === 'string') void DEATHS[message.id as Death]();
});

// Last: the hook is to see all of its calls.
await import('./worker.ts');
