import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { orRefused } from '../../../test/support/tlog.ts';
import { LEAF_BYTES, commitment, decodeLeaf, encodeLeaf, partHash } from './leaf.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('a leaf is 47 bytes of fixed places', () => {
  const received = Date.UTC(2026, 0, 2, 3, 4, 59, 999);
  const leaf = encodeLeaf({ classUid: 3002, receivedMs: received, keyEpoch: 7, commitment: Buffer.alloc(32, 0xcc) });
  const minute = Date.UTC(2026, 0, 2, 3, 4).toString(16).padStart(12, '0');
  assert.equal(leaf.toString('hex'), `0100000bba${minute}00000007${'cc'.repeat(32)}`);
  assert.equal(leaf.length, LEAF_BYTES);
});

test('any leaf is read back, its time rounded down to the minute', () => {
  fc.assert(
    fc.property(u32, fc.integer({ min: 0, max: 2 ** 48 - 1 }), u32, bytes32, (classUid, receivedMs, keyEpoch, hash) => {
      const leaf = decodeLeaf(encodeLeaf({ classUid, receivedMs, keyEpoch, commitment: hash }));
      const rounded = receivedMs - (receivedMs % 60_000);
      assert.deepEqual(leaf, { classUid, receivedMs: rounded, keyEpoch, commitment: Buffer.from(hash) });
    }),
  );
});

test('a field outside its width, another length, version or second is refused', () => {
  const good = { classUid: 1, receivedMs: 60_000, keyEpoch: 1, commitment: Buffer.alloc(32) };
  for (const change of [
    { classUid: -1 },
    { classUid: 2 ** 32 },
    { keyEpoch: 1.5 },
    { receivedMs: 2 ** 48 },
    { receivedMs: -1 },
  ]) {
    assert.throws(() => encodeLeaf({ ...good, ...change }), { code: 'limit' });
  }
  assert.throws(() => encodeLeaf({ ...good, commitment: Buffer.alloc(31) }), { code: 'malformed' });
  const leaf = encodeLeaf(good);
  assert.throws(() => decodeLeaf(leaf.subarray(1)), { code: 'malformed' });
  assert.throws(() => decodeLeaf(Buffer.concat([leaf, Buffer.alloc(1)])), { code: 'malformed' });
  assert.throws(() => decodeLeaf(Buffer.from(leaf).fill(2, 0, 1)), { message: /version 2/ });
  assert.throws(() => decodeLeaf(Buffer.from(leaf).fill(1, 10, 11)), { code: 'malformed' });
});

test('a leaf from outside is refused or is the one form of what it says', () => {
  const sample = encodeLeaf({
    classUid: 3002,
    receivedMs: 1_767_225_600_000,
    keyEpoch: 2,
    commitment: Buffer.alloc(32, 9),
  });
  const below = seeded(7);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([sample], below);
    const leaf = orRefused(() => decodeLeaf(bytes));
    if (leaf !== null) assert.deepEqual(encodeLeaf(leaf), bytes);
  }
});

test('commitment and part hashes are those of the design, each in its own domain', () => {
  const salt = Buffer.alloc(16, 5);
  const parts = (['normal', 'raw', 'patient'] as const).map((part) => partHash(part, salt, Buffer.from(part)));
  for (const [i, name] of ['normal', 'raw', 'patient'].entries()) {
    const wanted = createHash('sha256').update(Uint8Array.of(0, i)).update(salt).update(name).digest();
    assert.deepEqual(parts[i], wanted);
  }
  const wanted = createHash('sha256').update(Uint8Array.of(1)).update(Buffer.concat(parts)).digest();
  assert.deepEqual(commitment(parts), wanted);
  assert.throws(() => partHash('raw', Buffer.alloc(15), Buffer.alloc(0)), { code: 'malformed' });
  assert.throws(() => commitment(parts.slice(1)), { code: 'malformed' });
});
