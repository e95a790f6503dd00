import { READ_CHUNK_BYTES } from './limits.ts';

/** The same bytes in chunks of about one MiB: decompressors give small ones, and a chunk becomes a durable batch. */
export async function* coalesce(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  let failure: { error: unknown } | null = null;
  try {
    for await (const piece of bytes) {
      pieces.push(piece);
      length += piece.length;
      if (length < READ_CHUNK_BYTES) continue;
      yield Buffer.concat(pieces, length);
      pieces = [];
      length = 0;
    }
  } catch (error) {
    // What came before a fault is given first.
    failure = { error };
  }
  if (length > 0) yield Buffer.concat(pieces, length);
  if (failure !== null) throw failure.error;
}
