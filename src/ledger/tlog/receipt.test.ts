import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs, byForm } from '../../../test/support/shared.ts';
import { EVENT, RAW, makeSampleReceipt, orRefused, testSigner } from '../../../test/support/tlog.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { parseNote, signNote } from './note.ts';
import {
  type Openings,
  commitmentOf,
  encodeOpenings,
  looksLikeOpenings,
  makeOpenings,
  openingsPath,
  parseOpenings,
} from './openings.ts';
import { parsePolicy } from './policy.ts';
import { encodeProof, parseProof } from './proof.ts';
import { compactReceipt, encodeReceipt, parseReceipt } from './receipt.ts';
import { verifyReceipt } from './verify-receipt.ts';

const sample = makeSampleReceipt();
const { receipt, openings, keys, witnesses, policyText } = sample;
const trust = { keys };
const compact = compactReceipt(receipt);

function outcome(verdict: ReturnType<typeof verifyReceipt>): string {
  return verdict.outcome === 'good' ? 'good' : `${verdict.outcome} ${verdict.reason}`;
}

test('a receipt is good by each key of the log, by both, and by a policy', () => {
  for (const some of [keys, keys.slice(0, 1), keys.slice(1)])
    assert.equal(verifyReceipt({ receipt, trust: { keys: some } }).outcome, 'good');
  const verdict = verifyReceipt({ receipt, trust: { policy: parsePolicy(policyText) } });
  assert.ok(verdict.outcome === 'good');
  assert.deepEqual(
    verdict.steps.map(({ check, ok }) => [check, ok]),
    [
      ['form', true],
      ['signatures', true],
      ['quorum', true],
      ['inclusion', true],
    ],
  );
  assert.equal(verdict.facts.index, sample.index);
  assert.equal(verdict.facts.signatures.length, 5);
  assert.equal(verdict.facts.leaf.classUid, 3002);
});

test('no key, a foreign key or a key of another log decides nothing', () => {
  const foreign = testSigner(sample.origin, 'ed25519', 77).key;
  const other = testSigner('other.example/ledger', 'ed25519', 1).key;
  assert.equal(outcome(verifyReceipt({ receipt, trust: { keys: [] } })), 'undecidable no_trusted_key');
  assert.equal(outcome(verifyReceipt({ receipt, trust: { keys: [foreign, other] } })), 'undecidable no_trusted_key');
  // A witness vouches for one view of the log, not for the log.
  assert.equal(outcome(verifyReceipt({ receipt, trust: { keys: witnesses } })), 'undecidable no_trusted_key');
});

test('a policy whose quorum did not sign makes a receipt bad', () => {
  const late = testSigner('late.example', 'ed25519-cosignature', 78).key;
  const policy = parsePolicy(
    policyText.replace(/^group.*\n/m, `witness late ${late.vkey}\ngroup q all w0 w1 w2 late\n`),
  );
  assert.equal(outcome(verifyReceipt({ receipt, trust: { policy } })), 'bad quorum_not_met');
});

test('a compact receipt has no ML-DSA-44 line, is good by the Ed25519 key alone and fits a QR code', () => {
  assert.equal(verifyReceipt({ receipt: compact, trust: { policy: parsePolicy(policyText) } }).outcome, 'good');
  assert.equal(
    outcome(verifyReceipt({ receipt: compact, trust: { keys: keys.slice(1) } })),
    'undecidable no_trusted_key',
  );
  assert.equal(parseNote(parseReceipt(compact).proof.checkpoint).signatures.length, 4);
  // At 10⁹ entries a proof has 30 hashes.
  const grown = compact.length + (30 - parseReceipt(compact).proof.hashes.length) * 45;
  assert.ok(grown <= 2953, `${grown} bytes`);
});

test('a receipt over a checkpoint with extension lines is neither made nor taken', () => {
  const { proof, leafBytes } = parseReceipt(receipt);
  const text = `${parseNote(proof.checkpoint).text}extension\n`;
  const checkpoint = signNote(text, sample.logSigners, { timeMs: 1_767_225_600_000 });
  assert.throws(() => encodeReceipt({ leaf: leafBytes, index: proof.index, hashes: proof.hashes, checkpoint }), {
    code: 'malformed',
  });
  const forged = encodeProof({ ...proof, checkpoint });
  assert.equal(outcome(verifyReceipt({ receipt: forged, trust })), 'bad extension_lines');
});

test('another leaf, index, proof or checkpoint is bad', () => {
  const { proof, leafBytes } = parseReceipt(receipt);
  const otherLeaf = Buffer.from(leafBytes);
  otherLeaf[46] = (otherLeaf[46] ?? 0) ^ 1;
  const head = formatCheckpoint({ origin: sample.origin, size: 3, root: Buffer.alloc(32) });
  const changes = {
    'bad not_included': [
      { extra: otherLeaf },
      { index: proof.index + 1 },
      { hashes: proof.hashes.slice(1) },
      { hashes: proof.hashes.toReversed() },
      { checkpoint: signNote(head, sample.logSigners, { timeMs: 1_767_225_600_000 }) },
    ],
    'bad malformed': [{ extra: null }, { extra: leafBytes.subarray(1) }],
    'bad bad_signature': [{ checkpoint: proof.checkpoint.replace('\n300\n', '\n301\n') }],
  };
  for (const [wanted, list] of Object.entries(changes)) {
    for (const change of list)
      assert.equal(outcome(verifyReceipt({ receipt: encodeProof({ ...proof, ...change }), trust })), wanted);
  }
});

test('openings show what was logged, and each change of them is bad', () => {
  const verdict = verifyReceipt({ receipt, openings: encodeOpenings(openings), trust });
  assert.ok(verdict.outcome === 'good');
  assert.deepEqual([...verdict.facts.opened.keys()], ['normal', 'raw']);
  assert.deepEqual(verdict.facts.opened.get('normal'), EVENT);
  for (const [i, part] of openings.entries()) {
    const changed = part.open
      ? [
          { ...part, bytes: Buffer.concat([part.bytes, Buffer.from(' ')]) },
          { ...part, salt: Buffer.alloc(16) },
        ]
      : [{ ...part, hash: Buffer.alloc(32) }];
    for (const other of changed) {
      const text = encodeOpenings(openings.with(i, other));
      assert.equal(outcome(verifyReceipt({ receipt, openings: text, trust })), 'bad opening_mismatch');
    }
  }
  assert.equal(outcome(verifyReceipt({ receipt, openings: '{}', trust })), 'bad malformed');
});

test('an event is compared as bytes, as JSON in any layout, and with its raw data', () => {
  // Put together as text: a JSON.parse would round the number that a double cannot hold.
  const json = EVENT.toString();
  const shuffled =
    '{\n "user": {"name": "nurse\\u002ek"},\n "serial": 9007199254740993, "time": 1767225600000, "class_uid": 3002 }\n';
  assert.equal(checkEvent(EVENT), 'good');
  assert.equal(checkEvent(RAW), 'good');
  assert.equal(checkEvent(shuffled), 'good');
  assert.equal(checkEvent(withMember('"raw_data"', JSON.stringify(RAW.toString('base64')))), 'good');
  assert.equal(
    checkEvent(withMember('"raw_data_hash"', JSON.stringify({ algorithm_id: 3, value: sample.rawHash }))),
    'good',
  );
  assert.equal(checkEvent(withMember('"raw_data"', '"another"')), 'bad event_mismatch');
  assert.equal(checkEvent(withMember('"raw_data"', '7')), 'bad event_mismatch');
  assert.equal(checkEvent(withMember('"raw_data_hash"', '{"value":"00"}')), 'bad event_mismatch');
  assert.equal(checkEvent(withMember('"raw_data_hash"', 'null')), 'bad event_mismatch');
  assert.equal(checkEvent(withMember('"extra"', '1')), 'bad event_mismatch');
  assert.equal(checkEvent(withMember('"index"', '123')), 'good');
  for (const other of ['124', '"123"', 'null', '123.5', '[123]'])
    assert.equal(checkEvent(withMember('"index"', other)), 'bad event_mismatch', other);
  assert.equal(checkEvent(`[${json}]`), 'good');
  assert.equal(checkEvent(`[${json},${json}]`), 'bad event_mismatch');
  assert.equal(checkEvent(json.replace('nurse', 'doctor')), 'bad event_mismatch');
  assert.equal(checkEvent(json.replace('9007199254740993', '9007199254740992')), 'bad event_mismatch');
  assert.equal(checkEvent('not json'), 'bad event_mismatch');
  assert.equal(checkEvent('['.repeat(100_000)), 'bad event_mismatch');
});

test('an event stays undecided without openings or behind a shut part', () => {
  assert.equal(outcome(verifyReceipt({ receipt, event: EVENT, trust })), 'undecidable no_openings');
  assert.equal(checkEvent(EVENT, ['raw']), 'undecidable part_shut');
  assert.equal(checkEvent(EVENT, ['normal']), 'good');
  assert.equal(checkEvent(withMember('"raw_data"', '"anything"'), ['normal']), 'undecidable part_shut');
});

test('every changed byte of a receipt is red, but where it makes a line one of an unknown key', () => {
  const bytes = Buffer.from(receipt);
  const policy = parsePolicy(policyText);
  const whole = verifyReceipt({ receipt, trust: { policy } });
  assert.ok(whole.outcome === 'good');
  for (let at = 0; at < bytes.length; at += byForm({ quick: 13, ordinary: 1, long: 1 })) {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (at % 2 === 0 ? 1 : 0x10);
    const verdict = verifyReceipt({ receipt: copy, trust: { policy } });
    if (verdict.outcome !== 'good') continue;
    assert.ok(verdict.facts.signatures.length < whole.facts.signatures.length, `byte ${at}`);
    assert.deepEqual(verdict.facts.checkpoint, whole.facts.checkpoint);
    assert.deepEqual(verdict.facts.leaf, whole.facts.leaf);
  }
});

test('every changed bit of a compact receipt with one signature is red', () => {
  const proof = parseProof(compact);
  const { text } = parseNote(proof.checkpoint);
  const bytes = Buffer.from(encodeProof({ ...proof, checkpoint: signNote(text, sample.logSigners.slice(0, 1)) }));
  for (let at = 0; at < bytes.length; at += byForm({ quick: 7, ordinary: 1, long: 1 })) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << bit);
      assert.notEqual(verifyReceipt({ receipt: copy, trust }).outcome, 'good', `byte ${at} bit ${bit}`);
    }
  }
});

test('a receipt cut or grown anywhere is red or has lost a signature line', () => {
  const whole = parseNote(parseReceipt(compact).proof.checkpoint).signatures.length;
  const policy = parsePolicy(policyText);
  for (let at = 0; at < compact.length; at++) {
    for (const changed of [
      compact.slice(0, at),
      `${compact.slice(0, at)}A${compact.slice(at)}`,
      `${compact.slice(0, at)}\n${compact.slice(at)}`,
    ]) {
      const verdict = verifyReceipt({ receipt: changed, trust: { policy } });
      if (verdict.outcome === 'good') assert.ok(verdict.facts.signatures.length < whole, `at ${at}`);
    }
  }
});

test('no mutated receipt proves another leaf', () => {
  const below = seeded(9);
  const leaf = parseReceipt(receipt).leafBytes;
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([Buffer.from(compact)], below);
    const verdict = verifyReceipt({ receipt: bytes, trust });
    if (verdict.outcome === 'good') assert.deepEqual(parseReceipt(bytes).leafBytes, leaf);
  }
});

test('openings are read back, as text where they are UTF-8 and as base64 where not', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.constant(Buffer.from('\ufeff{}')),
  );
  const part = fc.record({ salt: fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes });
  const open = fc.uniqueArray(fc.constantFrom('normal' as const, 'raw' as const, 'patient' as const));
  fc.assert(
    fc.property(fc.record({ normal: part, raw: part, patient: part }), open, (parts, open) => {
      const made = makeOpenings(parts, new Set(open));
      const text = encodeOpenings(made);
      assert.deepEqual(parseOpenings(text), made);
      assert.deepEqual(parseOpenings(Buffer.from(text)), made);
      assert.ok(looksLikeOpenings(Buffer.from(text)));
    }),
  );
  assert.equal(openingsPath('/a/b.tlog-proof'), '/a/b.openings.json');
  assert.equal(openingsPath('/a/b'), '/a/b.openings.json');
});

test('openings from outside are refused or lead to the parts that they show', () => {
  const below = seeded(11);
  const text = Buffer.from(encodeOpenings(openings));
  const { commitment } = parseReceipt(receipt).leaf;
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([text], below);
    const parsed = orRefused(() => parseOpenings(bytes));
    if (parsed !== null) assert.deepEqual(parseOpenings(encodeOpenings(parsed)), parsed);
    if (parsed !== null && commitmentOf(parsed).equals(commitment))
      assert.deepEqual(partsOf(parsed), partsOf(openings));
  }
});

/** What a body shows, whether or not a shut part could be opened. */
function partsOf(shown: Openings): unknown {
  return shown.map((part) => (part.open ? part : { part: part.part, hash: part.hash.toString('hex') }));
}

function checkEvent(event: string | Buffer, open: ('normal' | 'raw')[] = ['normal', 'raw']): string {
  const shown = encodeOpenings(makeOpenings(sample.parts, new Set(open)));
  return outcome(verifyReceipt({ receipt, openings: shown, event: Buffer.from(event), trust }));
}

/** The event with one more member. */
function withMember(name: string, value: string): string {
  return `${EVENT.toString().slice(0, -1)},${name}:${value}}`;
}
