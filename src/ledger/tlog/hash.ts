import { createHash, hash } from 'node:crypto';

/** Length of every hash in the tree (SHA-256). */
export const HASH_BYTES = 32;

/** Entries up to this length are hashed through a scratch buffer; longer ones through a stream. */
const SCRATCH_ENTRY_BYTES_MAX = 16 * 1024;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

const leafScratch = Buffer.alloc(1 + SCRATCH_ENTRY_BYTES_MAX, LEAF_PREFIX);
const nodeScratch = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). Do not change its bytes. */
export const EMPTY_ROOT: Buffer = Buffer.from(hash('sha256', '', 'hex'), 'hex');

/** SHA-256(0x00 ‖ entry), 32 bytes (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(HASH_BYTES);
  leafHashInto(entry, out, 0);
  return out;
}

/** Writes the leaf hash of `entry` at `target[at..at+32]`. */
export function leafHashInto(entry: Uint8Array, target: Buffer, at: number): void {
  if (entry.length > SCRATCH_ENTRY_BYTES_MAX) {
    createHash('sha256').update(Uint8Array.of(LEAF_PREFIX)).update(entry).digest().copy(target, at);
    return;
  }
  leafScratch.set(entry, 1);
  sha256Into(leafScratch.subarray(0, 1 + entry.length), target, at);
}

/**
 * Leaf hashes of entries of one length that lie one behind the other, written from `target[at]` on.
 * `entries.length` must be a multiple of `entryBytes`, which is at most 16 KiB.
 */
export function leafHashesInto(entries: Buffer, entryBytes: number, target: Buffer, at = 0): void {
  const scratch = leafScratch.subarray(0, 1 + entryBytes);
  let to = at;
  for (let from = 0; from < entries.length; from += entryBytes) {
    entries.copy(scratch, 1, from, from + entryBytes);
    sha256Into(scratch, target, to);
    to += HASH_BYTES;
  }
}

/** SHA-256(0x01 ‖ left ‖ right) of two 32-byte hashes (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 1 + HASH_BYTES);
  const out = Buffer.allocUnsafe(HASH_BYTES);
  sha256Into(nodeScratch, out, 0);
  return out;
}

/** Writes the parent of the two hashes that lie at `source[from..from+64]` at `target[at..at+32]`; they may overlap. */
export function parentInto(source: Buffer, from: number, target: Buffer, at: number): void {
  source.copy(nodeScratch, 1, from, from + 2 * HASH_BYTES);
  sha256Into(nodeScratch, target, at);
}

/**
 * Merkle tree hash (RFC 6962 §2.1) over `hashes`, n·32 bytes of leaf hashes (or of roots of full
 * subtrees of one height) in order. Gives `EMPTY_ROOT` for none. The argument is not changed.
 */
export function hashTree(hashes: Uint8Array): Buffer {
  let count = hashes.length / HASH_BYTES;
  if (count === 0) return Buffer.from(EMPTY_ROOT);
  const work = Buffer.from(hashes);
  // Pairing level by level and lifting an odd last node gives the RFC's split at the largest power of two.
  while (count > 1) {
    const pairs = count >>> 1;
    for (let pair = 0; pair < pairs; pair++) parentInto(work, pair * 2 * HASH_BYTES, work, pair * HASH_BYTES);
    if (count % 2 === 1) work.copyWithin(pairs * HASH_BYTES, (count - 1) * HASH_BYTES, count * HASH_BYTES);
    count = pairs + (count % 2);
  }
  return Buffer.from(work.subarray(0, HASH_BYTES));
}

// A hash returned as a one-byte string and written into place costs a third of one returned as a Buffer.
function sha256Into(source: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', source, 'binary'), at, HASH_BYTES, 'latin1');
}
