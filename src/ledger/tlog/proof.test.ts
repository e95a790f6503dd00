import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { makeSampleReceipt, orRefused } from '../../../test/support/tlog.ts';
import { TlogError } from './errors.ts';
import { policyOfKeys } from './policy.ts';
import { encodeProof, parseProof, verifyProof } from './proof.ts';
import { compactReceipt } from './receipt.ts';

const sample = makeSampleReceipt();
const { receipt, keys } = sample;
const compact = compactReceipt(receipt);

test('any proof is read back from its text', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const extra = fc.option(fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(extra, fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), (extra, index, hashes) => {
      const proof = { extra, index, hashes, checkpoint: parseProof(receipt).checkpoint };
      assert.deepEqual(parseProof(encodeProof(proof)), proof);
    }),
  );
});

test('what is not a proof is refused', () => {
  const good = encodeProof({ extra: Buffer.from('x'), index: 5, hashes: [Buffer.alloc(32)], checkpoint: 'a\n' });
  const hash = Buffer.alloc(32).toString('base64');
  const bad = {
    'another header': good.replace('@v1', '@v2'),
    'no index': good.replace('index 5\n', ''),
    'an index with a leading zero': good.replace('index 5', 'index 05'),
    'an empty index': good.replace('index 5', 'index '),
    'an index in hex': good.replace('index 5', 'index 0x5'),
    'extra behind the index': good.replace('extra eA==\nindex 5\n', 'index 5\nextra eA==\n'),
    'extra twice': good.replace('extra eA==\n', 'extra eA==\nextra eA==\n'),
    'extra without data': good.replace('eA==', ''),
    'extra that is not canonical': good.replace('eA==', 'eB=='),
    'a short hash': good.replace(hash, Buffer.alloc(31).toString('base64')),
    'no empty line': good.replaceAll('\n\n', '\n'),
    'a carriage return': good.replaceAll('\n', '\r\n'),
    '64 hashes': good.replace(hash, Array.from({ length: 64 }, () => hash).join('\n')),
    'too long': good + 'x'.repeat(1024 * 1024),
  };
  assert.equal(parseProof(good).index, 5);
  for (const [what, text] of Object.entries(bad)) assert.throws(() => parseProof(text), TlogError, what);
});

test('a proof from outside is refused or is the one text of what it says', () => {
  const below = seeded(10);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([Buffer.from(compact), Buffer.from(receipt)], below);
    const proof = orRefused(() => parseProof(bytes));
    if (proof !== null) assert.deepEqual(Buffer.from(encodeProof(proof)), bytes);
  }
});

test('a proof is verified without a leaf of ours in it', () => {
  const proof = parseProof(receipt);
  const leafHash = sample.leafHash;
  assert.equal(verifyProof({ proof: { ...proof, extra: null }, leafHash, policy: policyOfKeys(keys) }).outcome, 'good');
  assert.equal(verifyProof({ proof, leafHash: Buffer.alloc(32), policy: policyOfKeys(keys) }).outcome, 'bad');
});
