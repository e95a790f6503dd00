import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock, createSealer, systemRandom } from '#kernel';
import { createAttempts, networkOf } from './attempts.ts';
import { cleanName, nameKey } from './names.ts';
import { OWASP_COST, createPasswords, parsePhc } from './password.ts';
import { newTotpSecret, totpStep } from './totp.ts';

test('a password is known again by its PHC string alone, under the parameters it names', async () => {
  const passwords = createPasswords(systemRandom, OWASP_COST);
  const hash = await passwords.hash('correct horse é');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await passwords.verify(hash, 'correct horse e\u0301'), true, 'the same letter, written otherwise');
  assert.equal(await passwords.verify(hash, 'correct horse e'), false);
  assert.equal(await passwords.verify(null, ''), false);
  assert.notEqual(await passwords.hash('correct horse é'), hash);
});

test('the hash is that of the reference implementation', async () => {
  // `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`, from the tests of the PHC winner's repository.
  const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  const passwords = createPasswords(systemRandom);
  assert.equal(await passwords.verify(known, 'password'), true);
  assert.equal(await passwords.verify(known, 'differentpassword'), false);
});

test('a hash that is damaged or asks for too much is nobody’s', async () => {
  const salt = 'c29tZXNhbHQ';
  const tag = 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  for (const cost of [
    'm=9999999,t=2,p=1',
    'm=65536,t=999,p=1',
    'm=65536,t=2,p=99',
    'm=0,t=2,p=1',
    'm=64,t=0,p=1',
    'm=8,t=1,p=4',
  ])
    assert.equal(parsePhc(`$argon2id$v=19$${cost}$${salt}$${tag}`), null, cost);
  fc.assert(fc.property(fc.string(), (text) => parsePhc(text) === null));
  assert.equal(await createPasswords(systemRandom).verify('$argon2id$', 'x'), false);
});

test('too many at once are refused, and all others get their turn', async () => {
  const passwords = createPasswords(systemRandom, { memory: 64, passes: 1, parallelism: 1 });
  const all = await Promise.allSettled(Array.from({ length: 50 }, () => passwords.hash('a password')));
  const refused = all.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 50 - 2 - 32);
  assert.equal(typeof (await passwords.hash('a password')), 'string');
});

test('codes are those of RFC 6238, one step early or late, and only after the last one', () => {
  // Appendix B, SHA-1, the last six digits.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const) {
    const step = Math.floor(seconds / 30);
    for (const apart of [-30, 0, 30])
      assert.equal(totpStep(code, { secret, nowMs: (seconds + apart) * 1000, lastStep: null }), step);
    assert.equal(totpStep(code, { secret, nowMs: (seconds + 90) * 1000, lastStep: null }), null);
    assert.equal(totpStep(code, { secret, nowMs: seconds * 1000, lastStep: step }), null);
    assert.equal(totpStep(code, { secret, nowMs: seconds * 1000, lastStep: step - 1 }), step);
    // Taken while the clock was a year ahead: its owner is not kept out until then.
    assert.equal(totpStep(code, { secret, nowMs: seconds * 1000, lastStep: step + 1_051_200 }), step);
  }
  assert.equal(newTotpSecret(systemRandom).length, 32);
  fc.assert(
    fc.property(
      fc.string(),
      (text) => /^\d{6}$/.test(text) || totpStep(text, { secret, nowMs: 0, lastStep: null }) === null,
    ),
  );
});

test('what is sealed opens at its place under its key, and nowhere else', () => {
  const key = Buffer.alloc(32, 1);
  const sealer = createSealer({ key, purpose: 'test', random: systemRandom });
  const others = [
    createSealer({ key, purpose: 'other', random: systemRandom }),
    createSealer({ key: Buffer.alloc(32, 2), purpose: 'test', random: systemRandom }),
  ];
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (plain, place, at) => {
      const sealed = sealer.seal(plain, place);
      assert.equal(sealer.open(sealed, place), plain.isWellFormed() ? plain : sealer.open(sealed, place));
      assert.equal(sealer.open(sealed, `${place}x`), null);
      for (const other of others) assert.equal(other.open(sealed, place), null);
      const damaged = Uint8Array.from(sealed);
      damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) ^ 1;
      assert.equal(sealer.open(damaged, place), null);
      assert.equal(sealer.open(sealed.subarray(0, at % sealed.length), place), null);
    }),
    { numRuns: 50 },
  );
});

test('an address stands for its network: IPv4 itself, IPv6 its /64', () => {
  assert.equal(networkOf('10.1.2.3'), '10.1.2.3');
  assert.equal(networkOf('::ffff:10.1.2.3'), '10.1.2.3');
  assert.equal(networkOf('2001:db8:0:1:aaaa::1'), networkOf('2001:DB8::1:bbbb:0:0:2'));
  assert.notEqual(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'));
  assert.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'));
  assert.equal(networkOf('::1'), '0:0:0:0');
});

test('counters are bounded, and a wait ends', () => {
  const clock = new ManualClock(0);
  const attempts = createAttempts(clock);
  for (let n = 0; n < 60_000; n += 1)
    attempts.begin({ name: `n${n}`, address: `10.0.${n >> 8}.${n & 255}`, device: null });
  const one = { name: 'ada', address: '10.1.1.1', device: null };
  for (let n = 0; n < 5; n += 1) assert.equal(attempts.begin(one), 0);
  assert.equal(attempts.begin(one), 1_000);
  clock.advance(1_000);
  assert.equal(attempts.begin(one), 0);
  assert.equal(attempts.begin(one), 2_000);
  clock.advance(24 * 3_600_000);
  assert.equal(attempts.begin(one), 0);
});

test('a clock that goes back by a year makes nobody wait for a year', () => {
  const clock = new ManualClock(366 * 86_400_000);
  const attempts = createAttempts(clock);
  const one = { name: 'ada', address: '10.1.1.1', device: null };
  for (let n = 0; n < 5; n += 1) attempts.begin(one);
  clock.set(0);
  assert.equal(attempts.begin(one), 1_000);
});

test('a cleaned name is stable, and its key is that of all its spellings', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      let clean: string;
      try {
        clean = cleanName(text);
      } catch {
        return;
      }
      assert.equal(cleanName(clean), clean);
      assert.equal(nameKey(text), nameKey(clean));
    }),
  );
});
