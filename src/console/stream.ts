import type { Clock } from '#kernel';
import type { StreamEvent } from './api.ts';
import { ConsoleError } from './errors.ts';
import {
  STREAMS_MAX,
  STREAMS_PER_CALLER_MAX,
  STREAM_BACKLOG_BYTES_MAX,
  STREAM_HEARTBEAT_MS,
  STREAM_RING,
} from './limits.ts';

/** What happens, told to open browsers as server-sent events (HTML Living Standard §9.2). */
export interface StreamHub extends Disposable {
  /** `veiled` goes to those who may not see patients; left out, all get the same. */
  publish(event: StreamEvent, veiled?: StreamEvent): void;
  /**
   * A stream for one caller. After `lastId` it begins with what was missed; when that is not known any more, with an event
   * `reset`, upon which a browser reads everything anew. `isGood` is asked with each heartbeat whether the session goes on.
   * @throws {ConsoleError} `rate_limited`
   */
  open(subscriber: Subscriber): ReadableStream<Uint8Array>;
  /** Open streams. */
  count(): number;
}

export interface Subscriber {
  callerId: string;
  seesPatients: boolean;
  lastId: string | null;
  isGood: () => Promise<boolean>;
}

interface Kept {
  id: number;
  clear: string;
  veiled: string;
}

interface Open extends Subscriber {
  send(text: string): void;
  end(): void;
}

const encoder = new TextEncoder();

export function createStreamHub(clock: Clock): StreamHub {
  // Ids of another run of the server mean nothing to this one.
  const run = clock.nowMs().toString(36);
  const ring: Kept[] = [];
  const open = new Set<Open>();
  let last = 0;
  const beat = setInterval(() => void heartbeat(open), STREAM_HEARTBEAT_MS);
  beat.unref();
  return {
    publish(event, veiled = event) {
      last += 1;
      const text = (data: StreamEvent): string => `id: ${run}-${last}\ndata: ${JSON.stringify(data)}\n\n`;
      const kept = { id: last, clear: text(event), veiled: text(veiled) };
      ring.push(kept);
      if (ring.length > STREAM_RING) ring.shift();
      for (const one of open) one.send(one.seesPatients ? kept.clear : kept.veiled);
    },
    open(subscriber) {
      const own = [...open].filter(({ callerId }) => callerId === subscriber.callerId);
      if (own.length >= STREAMS_PER_CALLER_MAX || open.size >= STREAMS_MAX)
        throw new ConsoleError('rate_limited', 'too many pages are open', { advice: 'close some of them' });
      return newStream(subscriber, { open, greeting: greeting(subscriber, { run, ring, last }) });
    },
    count: () => open.size,
    [Symbol.dispose]() {
      clearInterval(beat);
      for (const one of open) one.end();
    },
  };
}

/** What a browser that comes back has missed, or the word that it must read everything anew. */
function greeting(
  { lastId, seesPatients }: Subscriber,
  { run, ring, last }: { run: string; ring: readonly Kept[]; last: number },
): string {
  const hello = `retry: 2000\nid: ${run}-${last}\nevent: hello\ndata: {}\n\n`;
  if (lastId === null) return hello;
  const [theirRun, theirs] = lastId.split('-');
  const from = Number(theirs);
  const oldest = ring[0]?.id ?? last + 1;
  const isKnown = theirRun === run && Number.isSafeInteger(from) && from <= last && from + 1 >= oldest;
  if (!isKnown) return `${hello}event: reset\ndata: {}\n\n`;
  const missed = ring.filter(({ id }) => id > from);
  return missed.map((one) => (seesPatients ? one.clear : one.veiled)).join('') + hello;
}

function newStream(subscriber: Subscriber, options: { open: Set<Open>; greeting: string }): ReadableStream<Uint8Array> {
  const { open, greeting } = options;
  let one: Open | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          if (one === null || !open.delete(one)) return;
          try {
            controller.close();
          } catch {
            // The browser was faster.
          }
        };
        const send = (text: string): void => {
          // Who does not read is let go, and catches up when it comes back.
          if ((controller.desiredSize ?? 0) <= 0) return end();
          controller.enqueue(encoder.encode(text));
        };
        one = { ...subscriber, send, end };
        open.add(one);
        send(greeting);
      },
      cancel() {
        if (one !== null) open.delete(one);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: STREAM_BACKLOG_BYTES_MAX }),
  );
}

async function heartbeat(open: ReadonlySet<Open>): Promise<void> {
  for (const one of open) {
    const isGood = await one.isGood().catch(() => true);
    if (isGood) one.send(': beat\n\n');
    else one.end();
  }
}
