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
  let ended = false;
  stream.on('data', (chunk: Buffer) => decoded.push(chunk));
  stream.once('end', () => {
    ended = true;
  });
  stream.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length && failure === null; at += SLICE_BYTES) {
        // Node ends the stream by itself where bytes follow that are no gzip member.
        if (ended) failure = new Error('what follows its end is no gzip member');
        else await write(stream, chunk.subarray(at, at + SLICE_BYTES));
        yield* decoded.splice(0);
      }
      if (failure !== null) break;
    }
    if (failure === null && !ended) await finish(stream);
    yield* decoded.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure !== null) throw broken(failure);
}

/** Resolves when the slice is decoded or found broken: after an error Node calls back no write, but closes the stream. */
function write(stream: Gunzip, slice: Buffer): Promise<void> {
  return settled(stream, (done) => stream.write(slice, done));
}

function finish(stream: Gunzip): Promise<void> {
  return settled(stream, (done) => {
    stream.once('end', done);
    stream.end();
  });
}

function settled(stream: Gunzip, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    start(done);
  });
}

function broken(error: Error): IngestError {
  return new IngestError('bad_archive', `the gzip stream is broken or cut short (${messageOf(error)})`, {
    cause: error,
    advice: 'what came before was read; get a whole copy of the file for the rest',
  });
}
