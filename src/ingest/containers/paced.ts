import { setTimeout } from 'node:timers/promises';
import { READ_CHUNK_BYTES } from './limits.ts';

/** So long a byte of a stream waits for others at most. */
export const STREAM_WAIT_MS = 1_000;

/**
 * The same bytes in chunks of about one MiB, or of what came within `waitMs`: a slow stream is given as it comes, and one that
 * comes in small pieces does not become a durable batch a piece.
 */
export async function* paced(bytes: AsyncIterable<Buffer>, waitMs = STREAM_WAIT_MS): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]();
  let ahead: Promise<IteratorResult<Buffer, unknown>> | null = null;
  try {
    for (;;) {
      const first = await (ahead ?? iterator.next());
      ahead = null;
      if (first.done === true) return;
      const pieces = [first.value];
      let length = first.value.length;
      const timer = new AbortController();
      const isOver = setTimeout(waitMs, null, { signal: timer.signal }).catch(() => null);
      while (length < READ_CHUNK_BYTES) {
        ahead = iterator.next();
        // Its failure comes up when it is awaited, behind what came before it.
        ahead.catch(() => undefined);
        const next = await Promise.race([ahead.catch(() => null), isOver]);
        if (next === null || next.done === true) break;
        ahead = null;
        pieces.push(next.value);
        length += next.value.length;
      }
      timer.abort();
      yield pieces.length === 1 ? first.value : Buffer.concat(pieces, length);
    }
  } finally {
    // A stream that is waited for does not end before its next byte.
    if (ahead === null) await iterator.return?.();
    else void iterator.return?.();
  }
}
