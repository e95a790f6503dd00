import { HASH_BYTES, nodeHash } from './hash.ts';
import { PROOF_HASHES_MAX, bitCeil, half, isSize } from './sizes.ts';

export interface InclusionClaim {
  /** 32 bytes. */
  leafHash: Uint8Array;
  /** Zero-based index of the leaf. */
  index: number;
  /** Leaves of the tree. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  /** 32 bytes each, from the leaf's sibling up. */
  proof: readonly Uint8Array[];
}

export interface ConsistencyClaim {
  /** Leaves of the older tree, ≥ 1: the empty tree is a prefix of any and has no proof; the caller decides on it. */
  size1: number;
  /** Leaves of the newer tree, ≥ `size1`. */
  size2: number;
  root1: Uint8Array;
  root2: Uint8Array;
  proof: readonly Uint8Array[];
}

export interface SubtreeInclusionClaim {
  leafHash: Uint8Array;
  /** Index of the leaf in the whole tree, within [start, end). */
  index: number;
  start: number;
  end: number;
  /** Root of the subtree [start, end). */
  root: Uint8Array;
  proof: readonly Uint8Array[];
}

export interface SubtreeConsistencyClaim {
  start: number;
  end: number;
  /** Leaves of the whole tree, ≥ `end`. */
  size: number;
  /** Root of the subtree [start, end). */
  subtreeRoot: Uint8Array;
  /** Root of the whole tree. */
  root: Uint8Array;
  proof: readonly Uint8Array[];
}

/** Whether the proof binds the leaf to the root (RFC 9162 §2.1.3.2). Never throws. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { size, ...rest } = claim;
  return verifySubtreeInclusion({ ...rest, start: 0, end: size });
}

/** Whether the older tree is a prefix of the newer one (RFC 9162 §2.1.4.2). Never throws. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { size1, size2, root1, root2, proof } = claim;
  return verifySubtreeConsistency({ start: 0, end: size1, size: size2, subtreeRoot: root1, root: root2, proof });
}

/**
 * Whether [start, end) is a subtree that a tree of any size ≥ `end` can be consistent with: not empty, and
 * starting at a multiple of the smallest power of two that holds its leaves (draft-ietf-plants-merkle-tree-certs §4.1).
 */
export function isSubtree(start: number, end: number): boolean {
  return isSize(start) && isSize(end) && start < end && start % bitCeil(end - start) === 0;
}

/** Whether the proof binds the leaf to the root of the subtree [start, end) (same draft, §4.3). Never throws. */
export function verifySubtreeInclusion(claim: SubtreeInclusionClaim): boolean {
  const { leafHash, index, start, end, root, proof } = claim;
  if (!isSubtree(start, end) || !isSize(index) || index < start || index >= end) return false;
  if (!areHashes([leafHash, root]) || !isProof(proof)) return false;
  let node = index - start;
  let last = end - start - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameHash(hash, root);
}

/** Whether the tree of `size` leaves contains the subtree [start, end) (same draft, §4.4). Never throws. */
export function verifySubtreeConsistency(claim: SubtreeConsistencyClaim): boolean {
  const { start, end, size, subtreeRoot, root, proof } = claim;
  if (!isSubtree(start, end) || !isSize(size) || end > size) return false;
  if (!areHashes([subtreeRoot, root]) || !isProof(proof)) return false;
  const walk = { first: start, subtreeLast: end - 1, last: size - 1 };
  descendToFullSubtree(walk);
  let hashes: readonly Uint8Array[] = proof;
  let known = subtreeRoot;
  if (walk.first !== walk.subtreeLast) {
    const seed = proof[0];
    if (seed === undefined) return false;
    known = seed;
    hashes = proof.slice(1);
  }
  return climb({ walk, seed: known, hashes, subtreeRoot, root });
}

/** Where the walk stands on its level: the subtree's first and last node and the tree's last one. */
interface Walk {
  first: number;
  subtreeLast: number;
  last: number;
}

function up(walk: Walk): void {
  walk.first = half(walk.first);
  walk.subtreeLast = half(walk.subtreeLast);
  walk.last = half(walk.last);
}

/** To the level where the subtree's last node is the root of the largest full subtree that ends where the subtree ends. */
function descendToFullSubtree(walk: Walk): void {
  if (walk.subtreeLast === walk.last) {
    while (walk.first !== walk.subtreeLast) up(walk);
  } else {
    while (walk.first !== walk.subtreeLast && walk.subtreeLast % 2 === 1) up(walk);
  }
}

interface Climb {
  walk: Walk;
  seed: Uint8Array;
  hashes: readonly Uint8Array[];
  subtreeRoot: Uint8Array;
  root: Uint8Array;
}

/** Rebuilds both roots from the seed at once and compares them. */
function climb({ walk, seed, hashes, subtreeRoot, root }: Climb): boolean {
  let subtree = seed;
  let tree = seed;
  for (const hash of hashes) {
    if (walk.last === 0) return false;
    if (walk.subtreeLast % 2 === 1 || walk.subtreeLast === walk.last) {
      if (walk.first < walk.subtreeLast) subtree = nodeHash(hash, subtree);
      tree = nodeHash(hash, tree);
      while (walk.subtreeLast % 2 === 0 && walk.subtreeLast !== 0) up(walk);
    } else {
      tree = nodeHash(tree, hash);
    }
    up(walk);
  }
  return walk.last === 0 && sameHash(subtree, subtreeRoot) && sameHash(tree, root);
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function isProof(proof: readonly Uint8Array[]): boolean {
  return proof.length <= PROOF_HASHES_MAX && areHashes(proof);
}

function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
