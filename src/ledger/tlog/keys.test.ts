import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { orRefused, testSigner } from '../../../test/support/tlog.ts';
import { TlogError } from './errors.ts';
import { type KeyKind, parseVkey, verifierKey, verifierKeyOf } from './keys.ts';
import { createNoteSigner } from './signature.ts';
import { decodeBase64 } from './text.ts';

const KINDS: readonly KeyKind[] = ['ed25519', 'ed25519-cosignature', 'ml-dsa-44-cosignature'];

test('a verifier key of each kind is read back from its text', () => {
  for (const kind of KINDS) {
    const { key } = testSigner('hospital.example/ledger', kind, 7);
    const parsed = parseVkey(key.vkey);
    assert.equal(parsed.kind, kind);
    assert.equal(parsed.name, 'hospital.example/ledger');
    assert.deepEqual(parsed.publicKey, key.publicKey);
    assert.equal(parsed.vkey, key.vkey);
  }
});

test('the plus signs of base64 do not cut a verifier key', () => {
  let vkey = '';
  for (let seed = 0; !vkey.slice(vkey.indexOf('+') + 10).includes('+'); seed++)
    vkey = testSigner('a', 'ml-dsa-44-cosignature', seed).key.vkey;
  assert.equal(parseVkey(vkey).vkey, vkey);
});

test('the key of another algorithm, or a public one for a signer, is refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const ed = generateKeyPairSync('ed25519');
  assert.throws(() => verifierKeyOf({ name: 'a', kind: 'ed25519', key: rsa.publicKey }), { code: 'unsupported_key' });
  assert.throws(() => verifierKeyOf({ name: 'a', kind: 'ml-dsa-44-cosignature', key: ed.publicKey }), {
    code: 'unsupported_key',
  });
  assert.throws(() => createNoteSigner({ name: 'a', kind: 'ed25519', privateKey: ed.publicKey }), {
    code: 'unsupported_key',
  });
  assert.equal(
    verifierKeyOf({ name: 'a', kind: 'ed25519', key: ed.publicKey }).vkey,
    verifierKeyOf({ name: 'a', kind: 'ed25519', key: ed.privateKey }).vkey,
  );
});

test('what is not a verifier key is refused', () => {
  const { vkey, keyId } = testSigner('name', 'ed25519', 7).key;
  const typed = vkey.slice(vkey.lastIndexOf(`${keyId}+`) + 9);
  const bad = {
    empty: '',
    'one part': 'name',
    'two parts': `name+${keyId}`,
    'no name': `+${keyId}+${typed}`,
    'another name': `nome+${keyId}+${typed}`,
    'another id': `name+00000000+${typed}`,
    'an id in capitals': `name+${keyId.toUpperCase()}+${typed}`,
    'a short id': `name+${keyId.slice(1)}+${typed}`,
    'a name with a space': vkey.replace('name', 'na me'),
    'a cut end': vkey.slice(0, -1),
    'data behind it': `${vkey}\n`,
    'a key that is cut': `name+${keyId}+${Buffer.from(typed, 'base64').subarray(0, 32).toString('base64')}`,
    'no key': `name+${keyId}+`,
    'too long': `name+${keyId}+${'A'.repeat(5000)}`,
  };
  assert.match(keyId, /[a-f]/);
  for (const [what, text] of Object.entries(bad)) assert.throws(() => parseVkey(text), TlogError, what);
  for (const type of [0, 2, 3, 5, 0xfa, 0xff]) {
    const other = Buffer.concat([Uint8Array.of(type), Buffer.alloc(32)]).toString('base64');
    assert.throws(() => parseVkey(`name+${keyId}+${other}`), { code: 'unsupported_key' });
  }
});

test('any name that a note may carry makes a verifier key, and no other', () => {
  const made = KINDS.slice(0, 2).map((kind) => ({ kind, publicKey: testSigner('a', kind, 1).key.publicKey }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(...made), (name, { kind, publicKey }) => {
      const hasControls = Buffer.from(name).some((byte) => byte < 0x20);
      const legal = name !== '' && name.isWellFormed() && !hasControls && !/[\p{White_Space}+]/u.test(name);
      const key = orRefused(() => verifierKey({ name, kind, publicKey }));
      assert.equal(key !== null, legal);
      if (key !== null) assert.equal(parseVkey(key.vkey).name, name);
    }),
  );
});

test('a verifier key from outside is refused or is the one text of its key', () => {
  const samples = KINDS.map((kind) => Buffer.from(testSigner('a.example', kind, 7).key.vkey));
  const below = seeded(6);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const text = mutate(samples, below).toString('latin1');
    const key = orRefused(() => parseVkey(text));
    if (key !== null) assert.equal(key.vkey, text);
  }
});

test('base64 has one form for each value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase64(Buffer.from(bytes).toString('base64')), Buffer.from(bytes));
    }),
  );
  for (const text of ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA==\n', ' AA==', 'AA=A', 'A-A_', 'AA==AA==', '====']) {
    assert.equal(decodeBase64(text), null, JSON.stringify(text));
  }
});
