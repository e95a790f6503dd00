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

/** Entries that `leafHashesInto` takes from its source at once. */
const CHUNK_ENTRIES = 256;

/**
 * Room for a run of entries of one length behind a first byte, and a view of each entry with the byte before it.
 * That byte belongs to the entry hashed before and is free when its turn comes: so the prefix finds a place
 * without a copy of each entry.
 */
class PrefixedRun {
  readonly bytes: Buffer;
  readonly entryBytes: number;
  readonly #prefix: number;
  readonly #views: Uint8Array[];

  constructor(run: { entryBytes: number; count: number; prefix: number }) {
    const { entryBytes, count, prefix } = run;
    const bytes = Buffer.alloc(1 + entryBytes * count);
    this.bytes = bytes;
    this.entryBytes = entryBytes;
    this.#prefix = prefix;
    this.#views = Array.from({ length: count }, (_one, n) => bytes.subarray(n * entryBytes, (n + 1) * entryBytes + 1));
  }

  /** Hashes entry n into `target[at..at+32]`; to be called with n rising, since it spoils the entry before. */
  hashInto(n: number, target: Buffer, at: number): void {
    this.bytes[n * this.entryBytes] = this.#prefix;
    sha256Into(this.#views[n] ?? this.bytes, target, at);
  }
}

let leafRun = new PrefixedRun({ entryBytes: 1, count: 1, prefix: LEAF_PREFIX });

/**
 * Leaf hashes of entries of one length that lie one behind the other, written from `target[at]` on.
 * `entries.length` must be a multiple of `entryBytes`, which is at most 16 KiB.
 */
export function leafHashesInto(entries: Buffer, entryBytes: number, target: Buffer, at = 0): void {
  if (leafRun.entryBytes !== entryBytes)
    leafRun = new PrefixedRun({ entryBytes, count: CHUNK_ENTRIES, prefix: LEAF_PREFIX });
  const run = leafRun;
  let to = at;
  for (let from = 0; from < entries.length; from += CHUNK_ENTRIES * entryBytes) {
    const end = Math.min(entries.length, from + CHUNK_ENTRIES * entryBytes);
    entries.copy(run.bytes, 1, from, end);
    const count = (end - from) / entryBytes;
    for (let n = 0; n < count; n += 1, to += HASH_BYTES) run.hashInto(n, target, to);
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

/** Hashes that the area for `hashTree` holds; a longer run gets one of its own. */
const TREE_RUN_HASHES = 512;
const treeRun = new PrefixedRun({ entryBytes: 2 * HASH_BYTES, count: TREE_RUN_HASHES / 2, prefix: NODE_PREFIX });

/**
 * Merkle tree hash (RFC 6962 §2.1) over `hashes`, n·32 bytes of leaf hashes (or of roots of full
 * subtrees of one height) in order. Gives `EMPTY_ROOT` for none. The argument is not changed.
 */
export function hashTree(hashes: Uint8Array): Buffer {
  let count = hashes.length / HASH_BYTES;
  if (count === 0) return Buffer.from(EMPTY_ROOT);
  const long = count > TREE_RUN_HASHES;
  const run = long
    ? new PrefixedRun({ entryBytes: 2 * HASH_BYTES, count: Math.ceil(count / 2), prefix: NODE_PREFIX })
    : treeRun;
  const work = run.bytes;
  work.set(hashes, 1);
  // Pairing level by level and lifting an odd last node gives the RFC's split at the largest power of two.
  // A parent lands in front of the next pair and of that pair's prefix.
  while (count > 1) {
    const pairs = count >>> 1;
    for (let pair = 0; pair < pairs; pair += 1) run.hashInto(pair, work, 1 + pair * HASH_BYTES);
    if (count % 2 === 1) work.copyWithin(1 + pairs * HASH_BYTES, 1 + (count - 1) * HASH_BYTES, 1 + count * HASH_BYTES);
    count = pairs + (count % 2);
  }
  return Buffer.from(work.subarray(1, 1 + HASH_BYTES));
}

// A hash returned as a one-byte string and written into place costs a third of one returned as a Buffer.
function sha256Into(source: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', source, 'binary'), at, HASH_BYTES, 'latin1');
}
