import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { tilesOfLeaves } from '../../../test/support/tlog.ts';
import { hashTree, leafHash, nodeHash } from './hash.ts';
import {
  isSubtree,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './merkle.ts';
import {
  type HashSource,
  consistencyProof,
  consistencyTiles,
  inclusionProof,
  inclusionTiles,
  subtreeConsistencyProof,
  tileSource,
} from './prove.ts';
import { RightEdge } from './right-edge.ts';

interface Vector {
  leafIdx: number;
  treeSize: number;
  start: number;
  end: number;
  size: number;
  size1: number;
  size2: number;
  root: string;
  root1: string;
  root2: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

/** Vectors that take hashes of another length or an empty subtree; a strict verifier refuses both. */
const LENIENT = new Set([
  'consistency/additional/sizes-are-equal-one-and-proof-is-empty.json',
  'subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-subtree-root-valid-proof-is-empty.json',
  'subtreeconsistency/additional/subtree-is-empty-subtree-root-valid-tree-root-random-proof-is-empty.json',
]);

const KINDS: Record<string, { count: number; verify: (vector: Vector) => boolean }> = {
  inclusion: { count: 98, verify: (v) => verifyInclusion({ ...inclusionOf(v), size: v.treeSize }) },
  consistency: {
    count: 98,
    verify: (v) =>
      verifyConsistency({
        size1: v.size1,
        size2: v.size2,
        root1: b64(v.root1),
        root2: b64(v.root2),
        proof: proofOf(v),
      }),
  },
  subtreeinclusion: {
    count: 204,
    verify: (v) => verifySubtreeInclusion({ ...inclusionOf(v), start: v.start, end: v.end }),
  },
  subtreeconsistency: {
    count: 118,
    verify: (v) =>
      verifySubtreeConsistency({
        start: v.start,
        end: v.end,
        size: v.size,
        subtreeRoot: b64(v.root1),
        root: b64(v.root2),
        proof: proofOf(v),
      }),
  },
};

for (const [kind, { count, verify }] of Object.entries(KINDS)) {
  test(
    `each ${kind} vector of the public suite gets its verdict, strict in the named exceptions`,
    skipWithoutShared,
    () => {
      const folder = sharedPath('tlog/merkle/testdata/');
      const files = globSync(`${kind}/**/*.json`, { cwd: folder });
      assert.equal(files.length, count);
      for (const file of files) {
        const vector: Vector = JSON.parse(readFileSync(folder + file, 'utf8'));
        const wanted = LENIENT.has(file) ? false : !vector.wantErr;
        if (LENIENT.has(file)) assert.equal(vector.wantErr, false, `${file} is no exception any more`);
        assert.equal(verify(vector), wanted, file);
      }
    },
  );
}

const leaves = Array.from({ length: 700 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
const sizes = fc.integer({ min: 1, max: leaves.length });

test('a proof that was built verifies, and with any other claim it does not', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, pickIndex, pickHash, pickByte) => {
      const index = pickIndex % size;
      const { readTile, root } = treeOf(size);
      const proof = inclusionProof(size, index, readTile);
      const claim = { leafHash: leafAt(index), index, size, root, proof };
      assert.equal(verifyInclusion(claim), true);
      assert.equal(verifyInclusion({ ...claim, index: (index + 1) % (size + 1) }), false);
      assert.equal(verifyInclusion({ ...claim, leafHash: leafAt(index + 1) }), false);
      assert.equal(verifyInclusion({ ...claim, proof: [...proof, leafAt(0)] }), false);
      assert.equal(verifyInclusion({ ...claim, root: flipped(root, pickByte) }), false);
      if (proof.length === 0) return;
      const at = pickHash % proof.length;
      assert.equal(verifyInclusion({ ...claim, proof: proof.toSpliced(at, 1) }), false);
      assert.equal(verifyInclusion({ ...claim, proof: proof.with(at, flipped(proof[at] ?? root, pickByte)) }), false);
    }),
  );
});

test('a consistency proof that was built verifies, and with any other claim it does not', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size2, pickSize, pickHash, pickByte) => {
      const size1 = 1 + (pickSize % size2);
      const { readTile, root: root2 } = treeOf(size2);
      const { root: root1 } = treeOf(size1);
      const proof = consistencyProof(size1, size2, readTile);
      const claim = { size1, size2, root1, root2, proof };
      assert.equal(verifyConsistency(claim), true);
      assert.equal(verifyConsistency({ ...claim, root1: flipped(root1, pickByte) }), false);
      assert.equal(verifyConsistency({ ...claim, root2: flipped(root2, pickByte) }), false);
      assert.equal(verifyConsistency({ ...claim, size1: size2 + 1 }), false);
      assert.equal(verifyConsistency({ ...claim, proof: [...proof, root1] }), false);
      if (proof.length === 0) return;
      const at = pickHash % proof.length;
      assert.equal(verifyConsistency({ ...claim, proof: proof.toSpliced(at, 1) }), false);
      assert.equal(
        verifyConsistency({ ...claim, proof: proof.with(at, flipped(proof[at] ?? root1, pickByte)) }),
        false,
      );
    }),
  );
});

test('a proof for any valid subtree verifies against its own hash and against no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, pickStart, pickEnd, pickByte) => {
      const start = pickStart % size;
      const end = start + 1 + (pickEnd % (size - start));
      const { readTile, root } = treeOf(size);
      const source = tileSource(size, readTile);
      if (!isSubtree(start, end)) {
        assert.throws(() => subtreeConsistencyProof({ start, end, size }, source), { code: 'out_of_range' });
        return;
      }
      const subtreeRoot = hashTree(Buffer.concat(leaves.slice(start, end)));
      const proof = subtreeConsistencyProof({ start, end, size }, source);
      const claim = { start, end, size, subtreeRoot, root, proof };
      assert.equal(verifySubtreeConsistency(claim), true);
      assert.equal(verifySubtreeConsistency({ ...claim, subtreeRoot: flipped(subtreeRoot, pickByte) }), false);
      assert.equal(verifySubtreeConsistency({ ...claim, root: flipped(root, pickByte) }), false);
      assert.equal(verifySubtreeConsistency({ ...claim, proof: [...proof, root] }), false);
    }),
    { numRuns: 300 },
  );
});

test('trees of up to 2^53 - 1 leaves are proven and verified', () => {
  // All leaves are equal, so that the hash of a full subtree depends on its height alone.
  const heights = [leafHash(Buffer.from('the same'))];
  for (let i = 0; i < 53; i++) heights.push(nodeHash(heights[i] ?? Buffer.alloc(0), heights[i] ?? Buffer.alloc(0)));
  const source: HashSource = { hashAt: (height) => heights[height] ?? Buffer.alloc(0) };
  const readTile = ({ level, width }: { level: number; width: number }): Buffer =>
    Buffer.concat(Array.from({ length: width }, () => source.hashAt(level * 8, 0)));
  const rootOf = (size: number): Buffer => {
    const bits = [...heights.keys()].filter((height) => Math.floor(size / 2 ** height) % 2 === 1).toReversed();
    return RightEdge.restore(size, Buffer.concat(bits.map((height) => source.hashAt(height, 0)))).root();
  };
  const big = fc.maxSafeNat().filter((n) => n > 0);
  fc.assert(
    fc.property(big, big, (a, b) => {
      const size = Math.max(a, b);
      const small = Math.min(a, b);
      const leaf = source.hashAt(0, 0);
      const inclusion = inclusionProof(size, small - 1, readTile);
      assert.ok(verifyInclusion({ leafHash: leaf, index: small - 1, size, root: rootOf(size), proof: inclusion }));
      const proof = consistencyProof(small, size, readTile);
      const claim = { size1: small, size2: size, root1: rootOf(small), root2: rootOf(size), proof };
      assert.ok(verifyConsistency(claim));
      assert.equal(verifyConsistency({ ...claim, size1: small === size ? small - 1 : small + 1 }), false);
    }),
    {
      numRuns: 60,
      examples: [
        [2 ** 31, 2 ** 31 + 1],
        [2 ** 32 - 1, 2 ** 32],
        [Number.MAX_SAFE_INTEGER, 2 ** 52],
      ],
    },
  );
});

test('sizes and hashes that are none are refused, not thrown at', () => {
  const root = leafAt(0);
  const inclusion = { leafHash: root, index: 0, size: 1, root, proof: [] };
  assert.equal(verifyInclusion(inclusion), true);
  for (const size of [0, -1, 0.5, Number.NaN, Infinity, 2 ** 53])
    assert.equal(verifyInclusion({ ...inclusion, size }), false);
  for (const index of [-1, 0.5, Number.NaN, 1]) assert.equal(verifyInclusion({ ...inclusion, index }), false);
  assert.equal(verifyInclusion({ ...inclusion, root: root.subarray(1), leafHash: root.subarray(1) }), false);
  assert.equal(verifyConsistency({ size1: 0, size2: 1, root1: root, root2: root, proof: [] }), false);
  assert.throws(() => inclusionProof(5, 5, () => root), { code: 'out_of_range' });
  assert.throws(() => consistencyProof(5, 4, () => root), { code: 'out_of_range' });
  assert.throws(() => inclusionProof(2, 0, () => root.subarray(1)), { code: 'short_tile' });
});

test('the tiles that are announced for fetching are those that the proof reads', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, pick) => {
      const { readTile } = treeOf(size);
      const read = new Set<string>();
      const spy: typeof readTile = (tile) => {
        read.add(JSON.stringify(tile));
        return readTile(tile);
      };
      inclusionProof(size, pick % size, spy);
      assert.deepEqual(new Set(inclusionTiles(size, pick % size).map((tile) => JSON.stringify(tile))), read);
      read.clear();
      consistencyProof(pick % size, size, spy);
      assert.deepEqual(new Set(consistencyTiles(pick % size, size).map((tile) => JSON.stringify(tile))), read);
    }),
  );
});

function treeOf(size: number): { readTile: ReturnType<typeof tilesOfLeaves>; root: Buffer } {
  const hashes = Buffer.concat(leaves.slice(0, size));
  return { readTile: tilesOfLeaves(hashes), root: hashTree(hashes) };
}

function leafAt(index: number): Buffer {
  return leaves[index] ?? leafHash(Buffer.from('beyond'));
}

function flipped(hash: Buffer, pick: number): Buffer {
  const copy = Buffer.from(hash);
  copy[pick % 32] = (copy[pick % 32] ?? 0) ^ (1 << (pick % 8));
  return copy;
}

function inclusionOf(v: Vector): { leafHash: Buffer; index: number; root: Buffer; proof: Buffer[] } {
  return { leafHash: b64(v.leafHash), index: v.leafIdx, root: b64(v.root), proof: proofOf(v) };
}

function proofOf(v: Vector): Buffer[] {
  return (v.proof ?? []).map(b64);
}

function b64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
