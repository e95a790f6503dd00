/** The archive's thread, which dies when it is told to, in the way it is told. */
import { parentPort } from 'node:worker_threads';
import './worker.ts';

export type Death = 'exit' | 'throw' | 'memory';

parentPort?.on('message', (message: { kind: string; id?: string }) => {
  if (message.kind !== 'cancel' || typeof message.id !== 'string') return;
  const death = message.id as Death;
  if (death === 'exit') process.exit(7);
  if (death === 'throw') throw new Error('made to fail');
  // No memory: the thread's own heap has a limit, which Node keeps; large steps could leap over what it leaves for the end.
  const kept: unknown[] = [];
  const piece = Array.from({ length: 1_000 }, (_, n) => n);
  for (;;) kept.push(piece.slice());
});
