import { availableParallelism, totalmem } from 'node:os';
import { type Clock, GIB } from '#kernel';
import { type Diagnosis, fail, good, warn } from './types.ts';

const MEMORY_MIN = 2 * GIB;
const MEMORY_ADVISED = 4 * GIB;
/** A clock that shows a time before this software was made is wrong. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const NODE_MAJOR_MIN = 24;

/** Processor, memory and runtime. */
export function checkMachine(): Diagnosis[] {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const node =
    major >= NODE_MAJOR_MIN
      ? good('node', `Node ${process.versions.node}`)
      : fail(
          'node',
          `Node ${process.versions.node} is too old`,
          'run it through bin/wardkeep, which brings its own Node',
        );
  const memory = totalmem();
  const gib = `${(memory / GIB).toFixed(1)} GiB of memory, ${availableParallelism()} processors`;
  if (memory < MEMORY_MIN) return [node, fail('memory', `${gib}: too little`, 'give this machine at least 4 GiB')];
  // A machine sold with 4 GB shows somewhat less.
  if (memory < MEMORY_ADVISED * 0.9)
    return [node, warn('memory', `${gib}: enough to begin with`, 'give this machine 4 GiB for 2,000 events a second')];
  return [node, good('memory', gib)];
}

export interface ClockFacts {
  /** Receive time of the newest entry, ms; null for an empty ledger. */
  newestMs: number | null;
}

/** Backwards by more than a leaf's minute and some slack, or before this software existed. */
const BACKWARDS_MS = 5 * 60_000;

/** The clock orders storage, keys and retention: a wrong one is a danger to data. */
export function checkClock(clock: Clock, { newestMs }: ClockFacts): Diagnosis {
  const nowMs = clock.nowMs();
  const shown = new Date(nowMs).toISOString();
  const advice = 'set the clock and keep it right with NTP (timedatectl set-ntp true)';
  if (nowMs < EARLIEST_MS) return fail('clock', `the clock shows ${shown}`, advice);
  if (newestMs !== null && newestMs - nowMs > BACKWARDS_MS)
    return fail('clock', `the clock shows ${shown}, earlier than the newest entry in the ledger`, advice);
  return good('clock', `the clock shows ${shown}`);
}
