import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, Message } from './traffic/message.ts';
import type { Wire } from './wires.ts';

/** Messages of one request; more wait for the next. */
const BATCH_MESSAGES = 500;

export interface PlayOptions {
  stream: Iterable<readonly Message[]>;
  wires: Readonly<Record<Channel, Wire>>;
  /** How many seconds of the hospital pass in one; null = as fast as it is taken. */
  speed: number | null;
  signal?: AbortSignal;
  /** Called after each minute of the hospital that was sent. */
  onMinute?: (ms: number, messages: number) => void;
}

/**
 * Sends a stream to a running server. Each system sends in order and waits for its answer, as real ones do; the systems
 * send beside each other. What is gathered goes out when a batch is full or, at a given speed, when its time has come.
 * @throws {Error} when the server refuses.
 */
export async function play({ stream, wires, speed, signal, onMinute }: PlayOptions): Promise<number> {
  const waiting = new Map<Channel, string[]>();
  let sent = 0;
  let pace: { fromMs: number; startedMs: number } | null = null;
  for (const minute of stream) {
    if (signal?.aborted === true) break;
    const fromMs = minute[0]?.ms ?? 0;
    pace ??= { fromMs, startedMs: Date.now() };
    if (speed !== null) await waitFor(pace.startedMs + (fromMs - pace.fromMs) / speed, signal);
    for (const { channel, text } of minute) {
      const texts = waiting.get(channel);
      if (texts === undefined) waiting.set(channel, [text]);
      else texts.push(text);
    }
    sent += minute.length;
    const isFull = [...waiting.values()].some((texts) => texts.length >= BATCH_MESSAGES);
    if (isFull || speed !== null) await flush(waiting, wires);
    onMinute?.(fromMs, minute.length);
  }
  await flush(waiting, wires);
  return sent;
}

async function flush(waiting: Map<Channel, string[]>, wires: Readonly<Record<Channel, Wire>>): Promise<void> {
  const batches = [...waiting];
  waiting.clear();
  await Promise.all(
    batches.map(async ([channel, texts]) => {
      for (let at = 0; at < texts.length; at += BATCH_MESSAGES)
        await wires[channel](texts.slice(at, at + BATCH_MESSAGES));
    }),
  );
}

/** Shorter waits are not worth a timer. */
const WAIT_MIN_MS = 5;

async function waitFor(atMs: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = atMs - Date.now();
  if (ms >= WAIT_MIN_MS) await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
