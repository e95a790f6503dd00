import type { KeyObject } from 'node:crypto';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { invariant } from '#kernel';
import { BLOCK_ID_BYTES } from './block.ts';
import { FRAME_BYTES_MAX } from './limits.ts';
import type { RetentionClass } from './types.ts';

/*
 * A frame is one durable batch. Integers are big-endian.
 *
 *   0  magic "WKF1" ‖ u32 frame length ‖ u32 clear length ‖ u32 count ‖ u64 first index
 *  24  u32 CRC-32 of the bytes before ‖ u32 CRC-32 of the bytes behind
 *  32  root[32] of the tree after this frame ‖ mac[32]
 *  96  leaves[count × 47] ‖ leaf hashes[count × 32] ‖ slots[count]: which block holds the body
 *      u8 block count ‖ per block: u32 day ‖ u8 class ‖ u8 state ‖ id[32] ‖ u32 length
 *      u32 length ‖ sealed source marks
 *      (clear length ends here)
 *      sealed blocks, one after another
 *
 * The CRCs find torn and rotten frames without a key. The mac (HMAC-SHA-256) covers all that neither
 * the tree nor AES-GCM covers: root, slots, block table and marks.
 */
export const LEAF_BYTES = 47;
export const HASH_BYTES = 32;
export const FRAME_HEAD_BYTES = 32;
export const FRAME_MAGIC = Buffer.from('WKF1', 'latin1');
const HEAD_CRC_AT = 24;
const BODY_CRC_AT = 28;
const ROOT_AT = 32;
const MAC_AT = 64;
const LEAVES_AT = 96;
const BLOCK_ENTRY_BYTES = 10 + BLOCK_ID_BYTES;
const CLASSES: readonly RetentionClass[] = ['record', 'telemetry'];

/** A block in its frame; `dropped` blocks have no bytes, their day key is destroyed. */
export interface FrameBlock {
  day: number;
  retention: RetentionClass;
  state: 'sealed' | 'dropped';
  id: Buffer;
  bytes: Buffer;
}

export interface Frame {
  firstIndex: number;
  count: number;
  root: Buffer;
  leaves: Buffer;
  leafHashes: Buffer;
  slots: Buffer;
  blocks: FrameBlock[];
  /** Sealed source marks; empty when the batch has none. */
  marks: Buffer;
}

export interface FrameHead {
  length: number;
  clearLength: number;
  count: number;
  firstIndex: number;
}

/** The bytes of a frame, authenticated under `macKey`. */
export function encodeFrame(frame: Frame, macKey: KeyObject): Buffer {
  const clear = LEAVES_AT + frame.count * 80 + 1 + frame.blocks.length * BLOCK_ENTRY_BYTES + 4 + frame.marks.length;
  const length = frame.blocks.reduce((sum, block) => sum + block.bytes.length, clear);
  // A longer frame would be written, and taken for damage when it is read.
  invariant(length <= FRAME_BYTES_MAX, 'a frame is not longer than FRAME_BYTES_MAX');
  const bytes = Buffer.allocUnsafeSlow(length);
  bytes.set(FRAME_MAGIC, 0);
  bytes.writeUInt32BE(length, 4);
  bytes.writeUInt32BE(clear, 8);
  bytes.writeUInt32BE(frame.count, 12);
  bytes.writeBigUInt64BE(BigInt(frame.firstIndex), 16);
  bytes.set(frame.root, ROOT_AT);
  let at = put(bytes, LEAVES_AT, frame.leaves);
  at = put(bytes, at, frame.leafHashes);
  at = put(bytes, at, frame.slots);
  at = putBlockTable(bytes, at, frame.blocks);
  at = put(bytes, bytes.writeUInt32BE(frame.marks.length, at), frame.marks);
  for (const block of frame.blocks) at = put(bytes, at, block.bytes);
  bytes.set(macOf(bytes, { clearLength: clear, count: frame.count }, macKey), MAC_AT);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, HEAD_CRC_AT)), HEAD_CRC_AT);
  bytes.writeUInt32BE(crc32(bytes.subarray(FRAME_HEAD_BYTES)), BODY_CRC_AT);
  return bytes;
}

/** The head of a frame, or null when its 32 bytes are not one. */
export function decodeHead(bytes: Buffer): FrameHead | null {
  if (bytes.length < FRAME_HEAD_BYTES || !bytes.subarray(0, 4).equals(FRAME_MAGIC)) return null;
  if (crc32(bytes.subarray(0, HEAD_CRC_AT)) !== bytes.readUInt32BE(HEAD_CRC_AT)) return null;
  const firstIndex = Number(bytes.readBigUInt64BE(16));
  const head = {
    length: bytes.readUInt32BE(4),
    clearLength: bytes.readUInt32BE(8),
    count: bytes.readUInt32BE(12),
    firstIndex,
  };
  const least = LEAVES_AT + head.count * 80 + 5;
  const sound = head.length <= FRAME_BYTES_MAX && least <= head.clearLength && head.clearLength <= head.length;
  return sound && Number.isSafeInteger(firstIndex) ? head : null;
}

/** Whether the bytes of a whole frame are those that were written, as far as its CRC can say. */
export function frameIsWhole(bytes: Buffer, head: FrameHead): boolean {
  return bytes.length === head.length && crc32(bytes.subarray(FRAME_HEAD_BYTES)) === bytes.readUInt32BE(BODY_CRC_AT);
}

/** The parts of a whole frame (views into `bytes`), or null when they do not fit together. */
export function decodeFrame(bytes: Buffer, head: FrameHead): Frame | null {
  const { count, firstIndex } = head;
  const hashesAt = LEAVES_AT + count * LEAF_BYTES;
  const slotsAt = hashesAt + count * HASH_BYTES;
  const tableAt = slotsAt + count;
  const blockCount = bytes.readUInt8(tableAt);
  const marksAt = tableAt + 1 + blockCount * BLOCK_ENTRY_BYTES;
  if (marksAt + 4 > head.clearLength) return null;
  if (marksAt + 4 + bytes.readUInt32BE(marksAt) !== head.clearLength) return null;
  const slots = bytes.subarray(slotsAt, tableAt);
  const blocks = decodeBlocks(bytes, { tableAt: tableAt + 1, blockCount, at: head.clearLength });
  if (blocks === null || slots.some((slot) => slot >= blockCount)) return null;
  return {
    firstIndex,
    count,
    root: bytes.subarray(ROOT_AT, MAC_AT),
    leaves: bytes.subarray(LEAVES_AT, hashesAt),
    leafHashes: bytes.subarray(hashesAt, slotsAt),
    slots,
    blocks,
    marks: bytes.subarray(marksAt + 4, head.clearLength),
  };
}

/** Whether the holder of the master key wrote the frame. */
export function frameIsAuthentic(bytes: Buffer, head: FrameHead, macKey: KeyObject): boolean {
  return timingSafeEqual(macOf(bytes, head, macKey), bytes.subarray(MAC_AT, LEAVES_AT));
}

/** Positions in the frame of the entries whose bodies lie in block `slot`, in order. */
export function positionsIn(frame: Frame, slot: number): number[] {
  const positions: number[] = [];
  for (let position = 0; position < frame.count; position += 1) {
    if (frame.slots[position] === slot) positions.push(position);
  }
  return positions;
}

/** The leaf hashes of those entries, one after another. */
export function hashesAt(frame: Frame, positions: readonly number[]): Buffer {
  if (positions.length === frame.count) return frame.leafHashes;
  const hashes = Buffer.allocUnsafe(positions.length * HASH_BYTES);
  positions.forEach((position, n) => {
    frame.leafHashes.copy(hashes, n * HASH_BYTES, position * HASH_BYTES, (position + 1) * HASH_BYTES);
  });
  return hashes;
}

function macOf(bytes: Buffer, head: { clearLength: number; count: number }, macKey: KeyObject): Buffer {
  return createHmac('sha256', macKey)
    .update(bytes.subarray(0, HEAD_CRC_AT))
    .update(bytes.subarray(ROOT_AT, MAC_AT))
    .update(bytes.subarray(LEAVES_AT + head.count * (LEAF_BYTES + HASH_BYTES), head.clearLength))
    .digest();
}

function put(bytes: Buffer, at: number, part: Uint8Array): number {
  bytes.set(part, at);
  return at + part.length;
}

function putBlockTable(bytes: Buffer, start: number, blocks: readonly FrameBlock[]): number {
  let at = bytes.writeUInt8(blocks.length, start);
  for (const block of blocks) {
    at = bytes.writeUInt32BE(block.day, at);
    at = bytes.writeUInt8(CLASSES.indexOf(block.retention), at);
    at = bytes.writeUInt8(block.state === 'sealed' ? 0 : 1, at);
    at = put(bytes, at, block.id);
    at = bytes.writeUInt32BE(block.bytes.length, at);
  }
  return at;
}

function decodeBlocks(bytes: Buffer, table: { tableAt: number; blockCount: number; at: number }): FrameBlock[] | null {
  const blocks: FrameBlock[] = [];
  let at = table.at;
  for (let n = 0; n < table.blockCount; n += 1) {
    const entry = table.tableAt + n * BLOCK_ENTRY_BYTES;
    const retention = CLASSES[bytes.readUInt8(entry + 4)];
    const state = bytes.readUInt8(entry + 5);
    const length = bytes.readUInt32BE(entry + 6 + BLOCK_ID_BYTES);
    if (retention === undefined || state > 1 || at + length > bytes.length || (state === 1 && length > 0)) return null;
    blocks.push({
      day: bytes.readUInt32BE(entry),
      retention,
      state: state === 0 ? 'sealed' : 'dropped',
      id: bytes.subarray(entry + 6, entry + 6 + BLOCK_ID_BYTES),
      bytes: bytes.subarray(at, at + length),
    });
    at += length;
  }
  return at === bytes.length ? blocks : null;
}
