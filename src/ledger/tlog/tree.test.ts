import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EMPTY_ROOT, hashTree, leafHash, leafHashInto, leafHashesInto, nodeHash } from './hash.ts';
import { RightEdge } from './right-edge.ts';

/** RFC 6962 §2.1 word by word, as the oracle. */
function merkleTreeHash(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  const left = merkleTreeHash(leaves.slice(0, k));
  return createHash('sha256')
    .update(Uint8Array.of(1))
    .update(left)
    .update(merkleTreeHash(leaves.slice(k)))
    .digest();
}

const entry = fc.uint8Array({ maxLength: 100 });
const someLeaves = fc.array(entry, { maxLength: 140 }).map((entries) => entries.map((bytes) => leafHash(bytes)));

test('leaf and node hashes carry the prefixes of RFC 6962, short or long', () => {
  for (const length of [0, 1, 47, 16_384, 16_385, 70_000]) {
    const bytes = Buffer.alloc(length, 0xa5);
    const wanted = createHash('sha256').update(Uint8Array.of(0)).update(bytes).digest();
    assert.deepEqual(leafHash(bytes), wanted);
    const into = Buffer.alloc(40);
    leafHashInto(bytes, into, 8);
    assert.deepEqual(into.subarray(8), wanted);
  }
  const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  assert.deepEqual(nodeHash(a, b), createHash('sha256').update(Uint8Array.of(1)).update(a).update(b).digest());
  assert.equal(EMPTY_ROOT.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('the batch form gives the leaf hashes of each entry', () => {
  const entries = Buffer.from('aaabbbccc');
  const out = Buffer.alloc(100);
  leafHashesInto(entries, 3, out, 4);
  assert.deepEqual(out.subarray(4), Buffer.concat(['aaa', 'bbb', 'ccc'].map((text) => leafHash(Buffer.from(text)))));
});

test('the tree hash is that of the RFC for any number of leaves', () => {
  fc.assert(
    fc.property(someLeaves, (leaves) => {
      const hashes = Buffer.concat(leaves);
      const before = Buffer.from(hashes);
      assert.deepEqual(hashTree(hashes), merkleTreeHash(leaves));
      assert.deepEqual(hashes, before);
    }),
  );
});

test('the right edge has the root of the RFC after each append, however the leaves arrive', () => {
  fc.assert(
    fc.property(someLeaves, fc.nat(), (leaves, pick) => {
      const one = new RightEdge();
      for (const [i, leaf] of leaves.entries()) {
        one.append(leaf);
        assert.deepEqual(one.root(), merkleTreeHash(leaves.slice(0, i + 1)));
      }
      const cut = pick % (leaves.length + 1);
      const first = new RightEdge();
      first.appendMany(Buffer.concat(leaves.slice(0, cut)));
      const second = RightEdge.restore(first.size, first.serialise());
      second.appendMany(Buffer.concat(leaves.slice(cut)));
      assert.deepEqual(second.root(), merkleTreeHash(leaves));
      assert.equal(second.size, leaves.length);
      assert.deepEqual(second.serialise(), one.serialise());
    }),
    { numRuns: 40 },
  );
});

test('a clone grows apart from its origin', () => {
  const edge = new RightEdge();
  edge.append(leafHash(Buffer.from('a')));
  const root = edge.root();
  const clone = edge.clone();
  clone.append(leafHash(Buffer.from('b')));
  assert.deepEqual(edge.root(), root);
  assert.notDeepEqual(clone.root(), root);
});

test('an edge is restored only from as many hashes as its size has', () => {
  assert.throws(() => RightEdge.restore(3, Buffer.alloc(32)), { code: 'malformed' });
  assert.throws(() => RightEdge.restore(-1, Buffer.alloc(0)), { code: 'limit' });
  assert.throws(() => RightEdge.restore(2 ** 53, Buffer.alloc(32)), { code: 'limit' });
  assert.equal(RightEdge.restore(2 ** 53 - 2, Buffer.alloc(32 * 52)).size, 2 ** 53 - 2);
});
