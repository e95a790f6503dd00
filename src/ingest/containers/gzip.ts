import { once } from 'node:events';
import { type Gunzip, createGunzip } from 'node:zlib';
import { messageOf } from '#kernel';
import { IngestError } from '../errors.ts';

/** Input is fed in slices of this size, so that a bomb has expanded to 64 MiB at most before it is counted. */
const SLICE_BYTES = 64 * 1024;

export function isGzip(head: Buffer): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}

/**
 * The decompressed bytes of a gzip stream (RFC 1952, several members allowed). Node's own stream drops what it has
 * decoded when it meets a broken byte; here every byte before the fault is given first.
 * @throws {IngestError} `bad_archive` at the first broken byte, or when the stream ends early.
 */
export async function* gunzip(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: 4 * SLICE_BYTES });
  const decoded: Buffer[] = [];
  let failure: Error | null = null;
  stream.on('data', (chunk: Buffer) => decoded.push(chunk));
  stream.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length && failure === null; at += SLICE_BYTES) {
        await write(stream, chunk.subarray(at, at + SLICE_BYTES));
        yield* decoded.splice(0);
      }
      if (failure !== null) break;
    }
    if (failure === null) await finish(stream);
    yield* decoded.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure !== null) throw broken(failure);
}

/** Resolves when the slice is decoded or found broken. */
function write(stream: Gunzip, slice: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(slice, () => resolve());
  });
}

async function finish(stream: Gunzip): Promise<void> {
  // A rejection here is the same error that the listener above keeps.
  const ended = once(stream, 'end').catch(() => undefined);
  stream.end();
  await ended;
}

function broken(error: Error): IngestError {
  return new IngestError('bad_archive', `the gzip stream is broken or cut short (${messageOf(error)})`, {
    cause: error,
    advice: 'what came before was read; get a whole copy of the file for the rest',
  });
}
