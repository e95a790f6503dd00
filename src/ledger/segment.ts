import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LedgerError } from './errors.ts';
import type { Frame, FrameHead } from './frame.ts';
import { FRAME_HEAD_BYTES, FRAME_MAGIC, decodeFrame, decodeHead, frameIsWhole } from './frame.ts';
import { FORMAT_VERSION, segmentFirst, segmentName } from './layout.ts';
import { SCAN_BYTES } from './limits.ts';
import { newerFormat } from './manifest.ts';

const MAGIC = Buffer.from('WKJOURNL', 'latin1');
const FIXED_BYTES = 54;
const ORIGIN_BYTES_MAX = 255;
/** A longer segment holds more than its head. */
export const SEGMENT_HEAD_BYTES_MAX = FIXED_BYTES + ORIGIN_BYTES_MAX + 4;

/** First indexes of the segments of a journal, ascending. */
export function listSegments(journalDir: string): number[] {
  return readdirSync(journalDir)
    .map(segmentFirst)
    .filter((first) => first !== null)
    .toSorted((a, b) => a - b);
}

/** `magic[8] ‖ u16 version ‖ u16 header length ‖ u64 first index ‖ root before it[32] ‖ u16 length ‖ origin ‖ u32 CRC-32`. */
export function encodeSegmentHead(head: { origin: string; firstIndex: number; root: Uint8Array }): Buffer {
  const name = Buffer.from(head.origin, 'utf8');
  const bytes = Buffer.alloc(FIXED_BYTES + name.length + 4);
  bytes.set(MAGIC, 0);
  bytes.writeUInt16BE(FORMAT_VERSION, 8);
  bytes.writeUInt16BE(bytes.length, 10);
  bytes.writeBigUInt64BE(BigInt(head.firstIndex), 12);
  bytes.set(head.root, 20);
  bytes.writeUInt16BE(name.length, 52);
  bytes.set(name, FIXED_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

export interface SegmentHead {
  length: number;
  origin: string;
  firstIndex: number;
  root: Buffer;
}

/**
 * The head of a segment, or null when the bytes are none (torn or rotten).
 * @throws {LedgerError} `newer_format`.
 */
export function decodeSegmentHead(bytes: Buffer, path: string): SegmentHead | null {
  if (bytes.length < FIXED_BYTES + 4 || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  const version = bytes.readUInt16BE(8);
  const length = bytes.readUInt16BE(10);
  const nameBytes = bytes.readUInt16BE(52);
  if (length !== FIXED_BYTES + nameBytes + 4 || bytes.length < length) return null;
  if (crc32(bytes.subarray(0, length - 4)) !== bytes.readUInt32BE(length - 4)) return null;
  if (version > FORMAT_VERSION) throw newerFormat(path, version);
  return {
    length,
    origin: bytes.toString('utf8', FIXED_BYTES, length - 4),
    firstIndex: Number(bytes.readBigUInt64BE(12)),
    root: Buffer.from(bytes.subarray(20, 52)),
  };
}

/** How the frames of a segment end. `torn` is what a crash leaves; `bad` is what no crash leaves. */
export interface SegmentEnd {
  kind: 'clean' | 'torn' | 'bad';
  offset: number;
  reason: string;
}

export interface ScannedFrame {
  offset: number;
  head: FrameHead;
  /** The whole frame; valid until the next call of `next`. */
  bytes: Buffer;
}

/** Reads the frames of one segment in order, in large reads, with memory for one frame. */
export class SegmentScanner implements Disposable {
  readonly path: string;
  readonly head: SegmentHead | null;
  readonly #fd: number;
  readonly #size: number;
  #buffer = Buffer.allocUnsafeSlow(SCAN_BYTES);
  /** File offset of the buffer's first byte, and how much of it is filled. */
  #base = 0;
  #filled = 0;
  #offset: number;
  #end: SegmentEnd | null = null;
  #readBytes = 0;

  /** @throws {LedgerError} `newer_format`. */
  constructor(journalDir: string, first: number, limit = Number.MAX_SAFE_INTEGER) {
    this.path = join(journalDir, segmentName(first));
    this.#fd = openSync(this.path, 'r');
    this.#size = Math.min(fstatSync(this.#fd).size, limit);
    this.head = decodeSegmentHead(this.#view(0, Math.min(this.#size, 4096)), this.path);
    this.#offset = this.head?.length ?? 0;
    if (this.head === null) this.#end = this.#headless();
  }

  /** Where and why the scan ended; `clean` until then. */
  get end(): SegmentEnd {
    return this.#end ?? { kind: 'clean', offset: this.#offset, reason: '' };
  }

  /** Bytes read from the file so far. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Continues at the frame that begins at `offset`. */
  seek(offset: number): void {
    this.#offset = offset;
  }

  /** The next whole frame, or null at the end; then `end` says how it ended. */
  next(): ScannedFrame | null {
    if (this.#end !== null) return null;
    const offset = this.#offset;
    const rest = this.#size - offset;
    if (rest <= 0) return this.#stop('clean', '');
    if (rest < FRAME_HEAD_BYTES) return this.#stop('torn', 'the head of the last frame is cut off');
    const head = decodeHead(this.#view(offset, FRAME_HEAD_BYTES));
    if (head === null) return this.#stop(this.#restIsZero(offset) ? 'torn' : 'bad', 'the head of a frame is damaged');
    if (head.length > rest) return this.#stop('torn', 'the last frame is cut off');
    const bytes = this.#view(offset, head.length);
    if (!frameIsWhole(bytes, head)) return this.#stop('bad', 'a frame does not match its checksum');
    this.#offset = offset + head.length;
    return { offset, head, bytes };
  }

  /** Whether a whole frame lies anywhere behind `offset`: then what is wrong at `offset` is no torn tail. */
  wholeFrameAfter(offset: number): boolean {
    for (let from = offset + 1; ;) {
      const at = this.#findMagic(from);
      if (at === null) return false;
      const head = this.#size - at >= FRAME_HEAD_BYTES ? decodeHead(this.#view(at, FRAME_HEAD_BYTES)) : null;
      if (head !== null && at + head.length <= this.#size && frameIsWhole(this.#view(at, head.length), head))
        return true;
      from = at + 1;
    }
  }

  /** The frame at which the scan ended, when its head is sound and only its body is damaged; else null. */
  damaged(): ScannedFrame | null {
    const { offset } = this.end;
    if (this.#size - offset < FRAME_HEAD_BYTES) return null;
    const head = decodeHead(this.#view(offset, FRAME_HEAD_BYTES));
    if (head === null || offset + head.length > this.#size) return null;
    return { offset, head, bytes: this.#view(offset, head.length) };
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #headless(): SegmentEnd {
    const torn = this.#size < FIXED_BYTES || this.#restIsZero(0);
    return { kind: torn ? 'torn' : 'bad', offset: 0, reason: 'the head of a segment is damaged' };
  }

  #stop(kind: SegmentEnd['kind'], reason: string): null {
    this.#end = { kind, offset: this.#offset, reason };
    return null;
  }

  #findMagic(from: number): number | null {
    const step = SCAN_BYTES - FRAME_MAGIC.length;
    for (let at = from; at < this.#size; at += step) {
      const found = this.#view(at, Math.min(SCAN_BYTES, this.#size - at)).indexOf(FRAME_MAGIC);
      if (found >= 0) return at + found;
    }
    return null;
  }

  #restIsZero(from: number): boolean {
    for (let at = from; at < this.#size; at += SCAN_BYTES) {
      if (this.#view(at, Math.min(SCAN_BYTES, this.#size - at)).some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  /** `length` bytes at `offset`, read ahead in large steps. */
  #view(offset: number, length: number): Buffer {
    const start = offset - this.#base;
    if (start < 0 || start + length > this.#filled) this.#fill(offset, length);
    const from = offset - this.#base;
    return this.#buffer.subarray(from, from + length);
  }

  #fill(offset: number, length: number): void {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    this.#base = offset;
    this.#filled = 0;
    while (this.#filled < length) {
      const room = this.#buffer.length - this.#filled;
      const got = readSync(this.#fd, this.#buffer, this.#filled, room, offset + this.#filled);
      if (got === 0) throw new LedgerError('corrupt', `the file ${this.path} became shorter while it was read`);
      this.#filled += got;
      this.#readBytes += got;
    }
  }
}

/**
 * The parts of a scanned frame.
 * @throws {LedgerError} `corrupt` when they do not fit together although the checksum matches.
 */
export function partsOf(scanned: ScannedFrame): Frame {
  const frame = decodeFrame(scanned.bytes, scanned.head);
  if (frame !== null) return frame;
  throw new LedgerError('corrupt', `the frame of index ${scanned.head.firstIndex} does not fit together`);
}
