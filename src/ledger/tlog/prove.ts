import { TlogError } from './errors.ts';
import { EMPTY_ROOT, HASH_BYTES, hashTree, nodeHash } from './hash.ts';
import { isSubtree } from './merkle.ts';
import { RightEdge } from './right-edge.ts';
import { isSize, splitPoint } from './sizes.ts';
import { TILE_WIDTH, type TileRef, tileAt, tileBytes } from './tiles.ts';

/**
 * Gives the bytes of a tile: its `width` hashes of 32 bytes; bytes behind them are ignored, so that a reader may
 * give the full tile for a partial one. It is synchronous: whoever fetches tiles over a network asks
 * `inclusionTiles` or `consistencyTiles` first and fetches them all at once.
 */
export type ReadTile = (tile: TileRef) => Buffer;

/** The hash of the complete subtree of 2^height leaves with the given index on its height. */
export interface HashSource {
  hashAt(height: number, index: number): Buffer;
}

/** A tree of `size` leaves read through its tiles. `hashAt` throws `TlogError` `short_tile` for a tile cut short. */
export function tileSource(size: number, readTile: ReadTile): HashSource {
  return {
    hashAt(height, index) {
      const { tile, from, count } = locate(size, height, index);
      const bytes = readTile(tile);
      if (bytes.length < tileBytes(tile.width))
        throw new TlogError('short_tile', `a tile of ${tile.width} hashes is cut short`);
      return hashTree(bytes.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES));
    },
  };
}

/**
 * Inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), hashes from the leaf's sibling up.
 * @throws {TlogError} `out_of_range` when the leaf is not in the tree; whatever `readTile` throws.
 */
export function inclusionProof(size: number, index: number, readTile: ReadTile): Buffer[] {
  return rangesToHashes(inclusionRanges(size, index), tileSource(size, readTile));
}

/**
 * Consistency proof from `size1` to `size2` leaves (RFC 6962 §2.1.2); empty when they are equal or `size1` is 0.
 * @throws {TlogError} `out_of_range` when `size1` > `size2`; whatever `readTile` throws.
 */
export function consistencyProof(size1: number, size2: number, readTile: ReadTile): Buffer[] {
  return rangesToHashes(consistencyRanges(size1, size2), tileSource(size2, readTile));
}

/**
 * Proof that the tree of `size` leaves contains the subtree [start, end) (draft-ietf-plants-merkle-tree-certs §4.4).
 * @throws {TlogError} `out_of_range` when [start, end) is no subtree or reaches beyond the tree.
 */
export function subtreeConsistencyProof(
  subtree: { start: number; end: number; size: number },
  source: HashSource,
): Buffer[] {
  return rangesToHashes(subtreeRanges(subtree), source);
}

/** The root of the tree of `size` leaves from its tiles. */
export function rootFromTiles(size: number, readTile: ReadTile): Buffer {
  return size === 0 ? Buffer.from(EMPTY_ROOT) : rangeHash({ start: 0, end: size }, tileSource(size, readTile));
}

/** The right edge of the tree of `size` leaves from its tiles, so that appending goes on from there. */
export function rightEdgeFromTiles(size: number, readTile: ReadTile): RightEdge {
  const source = tileSource(size, readTile);
  const nodes = size === 0 ? [] : fullSubtrees({ start: 0, end: size });
  return RightEdge.restore(size, Buffer.concat(nodes.map(({ height, index }) => source.hashAt(height, index))));
}

/** The tiles that `inclusionProof` reads. */
export function inclusionTiles(size: number, index: number): TileRef[] {
  return tilesOf(size, inclusionRanges(size, index));
}

/** The tiles that `consistencyProof` reads. */
export function consistencyTiles(size1: number, size2: number): TileRef[] {
  return tilesOf(size2, consistencyRanges(size1, size2));
}

/** Leaves [start, end), whose tree hash is one hash of a proof. */
interface Range {
  start: number;
  end: number;
}

interface FullSubtree {
  height: number;
  index: number;
}

function inclusionRanges(size: number, index: number): Range[] {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new TlogError('out_of_range', `there is no leaf ${index} in a tree of ${size} leaves`);
  }
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.toReversed();
}

function consistencyRanges(size1: number, size2: number): Range[] {
  if (!isSize(size1) || !isSize(size2) || size1 > size2) {
    throw new TlogError('out_of_range', `a tree of ${size1} leaves is not older than one of ${size2}`);
  }
  return size1 === 0 ? [] : subtreeRanges({ start: 0, end: size1, size: size2 });
}

/** Narrows [low, high) down to where it holds nothing but a part of the subtree that is known to the verifier. */
function subtreeRanges({ start, end, size }: { start: number; end: number; size: number }): Range[] {
  if (!isSubtree(start, end) || !isSize(size) || end > size) {
    throw new TlogError('out_of_range', `[${start}, ${end}) is not a subtree of a tree of ${size} leaves`);
  }
  const ranges: Range[] = [];
  let low = 0;
  let high = size;
  let from = start;
  while (from !== low || end !== high) {
    const middle = low + splitPoint(high - low);
    if (end <= middle) {
      ranges.push({ start: middle, end: high });
      high = middle;
    } else {
      ranges.push({ start: low, end: middle });
      low = middle;
      from = Math.max(from, middle);
    }
  }
  // The verifier knows the subtree's root only while the walk has not cut through the subtree.
  if (from !== start) ranges.push({ start: low, end: high });
  return ranges.toReversed();
}

function rangesToHashes(ranges: readonly Range[], source: HashSource): Buffer[] {
  return ranges.map((range) => rangeHash(range, source));
}

function rangeHash(range: Range, source: HashSource): Buffer {
  const hashes = fullSubtrees(range).map(({ height, index }) => source.hashAt(height, index));
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** The full subtrees of a range, from left to right; the range starts where a tree of its length may start. */
function fullSubtrees({ start, end }: Range): FullSubtree[] {
  const subtrees: FullSubtree[] = [];
  for (let at = start; at < end;) {
    let height = 0;
    let leaves = 1;
    while (leaves * 2 <= end - at) {
      leaves *= 2;
      height += 1;
    }
    subtrees.push({ height, index: at / leaves });
    at += leaves;
  }
  return subtrees;
}

/** Where the hash of a full subtree comes from: `count` hashes of a tile, from hash `from` on. */
function locate(size: number, height: number, index: number): { tile: TileRef; from: number; count: number } {
  const level = Math.floor(height / 8);
  const count = 2 ** (height % 8);
  const first = index * count;
  const tile = tileAt(size, level, Math.floor(first / TILE_WIDTH));
  const from = first % TILE_WIDTH;
  if (tile === null || from + count > tile.width) {
    throw new TlogError(
      'out_of_range',
      `there is no full subtree ${index} of height ${height} in a tree of ${size} leaves`,
    );
  }
  return { tile, from, count };
}

function tilesOf(size: number, ranges: readonly Range[]): TileRef[] {
  const tiles = new Map<string, TileRef>();
  for (const range of ranges) {
    for (const { height, index } of fullSubtrees(range)) {
      const { tile } = locate(size, height, index);
      tiles.set(`${tile.level}/${tile.index}`, tile);
    }
  }
  return [...tiles.values()];
}
