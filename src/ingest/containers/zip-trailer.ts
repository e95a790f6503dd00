import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import * as yauzl from 'yauzl';

/** `PK\5\6`: the record at an archive's end, of this many bytes and a comment. */
const END_SIGNATURE = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xff_ff;

/**
 * The length of the archive without bytes that were added behind it, as transfers do; null when nothing was, or no end
 * is found among the last 64 KiB.
 */
export async function lengthWithoutTrailer(path: string): Promise<number | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  const from = Math.max(0, size - END_BYTES - COMMENT_BYTES_MAX);
  const tail = Buffer.alloc(size - from);
  const { bytesRead } = await file.read(tail, 0, tail.length, from);
  const at = tail.subarray(0, bytesRead).lastIndexOf(END_SIGNATURE);
  if (at === -1 || at + END_BYTES > bytesRead) return null;
  const length = from + at + END_BYTES + tail.readUInt16LE(at + 20);
  return length < size ? length : null;
}

/** Reads ranges of a file, for an archive that ends before its file does. */
export class FileRanges extends yauzl.RandomAccessReader {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.#path, { start, end: end - 1 });
  }
}
