import { IngestError } from '../errors.ts';
import { ARCHIVE_MEMBERS_MAX } from './limits.ts';

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 4096;

export interface TarMember {
  /** Name as stated, `/`-separated; not to be trusted as a path. */
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  bytes: AsyncGenerator<Buffer>;
}

/** A POSIX or GNU tar archive begins with a header block that carries `ustar` at offset 257. */
export function isTar(head: Buffer): boolean {
  return head.length >= 262 && head.toString('latin1', 257, 262) === 'ustar';
}

/**
 * The regular files of a tar stream (POSIX.1-2001 ustar, pax `path`, GNU long names), also of several archives that were
 * joined, as `tar -i` reads them. Each member's bytes must be
 * consumed, or are passed over, before the next is asked for.
 * @throws {IngestError} `bad_archive` at a header whose checksum is wrong or where the stream ends early.
 */
export async function* tarMembers(stream: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  const source = new ByteSource(stream);
  let longName: string | null = null;
  for (let count = 0; count < ARCHIVE_MEMBERS_MAX; count += 1) {
    const header = await source.take(BLOCK_BYTES);
    if (header === null) return;
    // Blocks of zeros end an archive; behind them another one may have been joined to it (`cat a.tar b.tar`).
    if (isZero(header)) {
      if (!(await source.skipZeroBlocks())) return;
      continue;
    }
    checkHeader(header);
    const size = octal(header, 124, 12);
    const padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L' || type === 'x') {
      const text = await source.takeAll(Math.min(size, NAME_BYTES_MAX));
      await source.skip(size - text.length + padding);
      longName = type === 'L' ? cString(text, 0, text.length) : (paxPath(text.toString('utf8')) ?? longName);
      continue;
    }
    const regular = type === '0' || type === '\0';
    const reader = source.member(size);
    if (regular) {
      const name = longName ?? headerName(header);
      yield { name, sizeBytes: size, modifiedMs: octal(header, 136, 12) * 1000, bytes: reader.bytes() };
    }
    longName = null;
    await reader.finish();
    await source.skip(padding);
  }
  throw new IngestError('archive_bomb', `the archive holds more than ${ARCHIVE_MEMBERS_MAX} members`);
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function headerName(header: Buffer): string {
  const prefix = cString(header, 345, 155);
  const name = cString(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function cString(bytes: Buffer, start: number, length: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, end === -1 || end > start + length ? start + length : end);
}

function octal(header: Buffer, start: number, length: number): number {
  const text = cString(header, start, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0;
}

function paxPath(text: string): string | null {
  return /^\d+ path=(.*)$/m.exec(text)?.[1] ?? null;
}

function checkHeader(header: Buffer): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK_BYTES; i += 1) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  if (octal(header, 148, 8) !== sum) throw new IngestError('bad_archive', 'a tar header is broken (wrong checksum)');
}

/** Cuts a stream of chunks into the pieces that a tar reader asks for. */
class ByteSource {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** Up to `length` bytes, at least one; null at the end. */
  async some(length: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#iterator.next();
      if (next.done === true) return null;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Exactly `length` bytes; null at the end of the stream; throws when it ends in between. */
  async take(length: number): Promise<Buffer | null> {
    const first = await this.some(length);
    if (first === null) return null;
    return first.length === length ? first : Buffer.concat([first, await this.takeAll(length - first.length)]);
  }

  /**
   * Passes over blocks of zeros; gives whether something stands behind them. A rest that is shorter than a block is padding.
   */
  async skipZeroBlocks(): Promise<boolean> {
    for (;;) {
      const block = await this.#upTo(BLOCK_BYTES);
      if (block.length < BLOCK_BYTES) return false;
      if (isZero(block)) continue;
      this.#rest = Buffer.concat([block, this.#rest]);
      return true;
    }
  }

  async #upTo(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let missing = length; missing > 0;) {
      const piece = await this.some(missing);
      if (piece === null) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async takeAll(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let missing = length; missing > 0;) {
      const piece = await this.some(missing);
      if (piece === null) throw cutShort();
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async skip(length: number): Promise<void> {
    for (let missing = length; missing > 0;) {
      const piece = await this.some(missing);
      if (piece === null) throw cutShort();
      missing -= piece.length;
    }
  }

  /** The next `size` bytes as a stream, and a way to pass over what the consumer left. */
  member(size: number): { bytes: () => AsyncGenerator<Buffer>; finish: () => Promise<void> } {
    let missing = size;
    const next = async (): Promise<Buffer> => {
      const piece = await this.some(missing);
      if (piece === null) throw cutShort();
      missing -= piece.length;
      return piece;
    };
    return {
      bytes: async function* () {
        while (missing > 0) yield await next();
      },
      finish: async () => {
        while (missing > 0) await next();
      },
    };
  }
}

function cutShort(): IngestError {
  return new IngestError('bad_archive', 'the tar archive is cut short', {
    advice: 'what came before was read; get a whole copy of the file for the rest',
  });
}
