import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs, byForm } from '../../../test/support/shared.ts';
import { orRefused, testSigner } from '../../../test/support/tlog.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { parseVkey } from './keys.ts';
import { NOTE_BYTES_MAX, joinNote, openNote, parseNote, parseSignatureLines, signNote } from './note.ts';

const ORIGIN = 'hospital.example/ledger';
const TIME = { timeMs: 1_767_225_600_000 };
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 5, root: Buffer.alloc(32, 3) });
const log = testSigner(ORIGIN, 'ed25519', 1);
const pq = testSigner(ORIGIN, 'ml-dsa-44-cosignature', 2);
const witness = testSigner('witness.example/w', 'ed25519-cosignature', 3);
const keys = [log.key, pq.key, witness.key];
const NOTE = signNote(TEXT, [log.signer, pq.signer, witness.signer], TIME);

test('the example of the specification verifies', () => {
  const key = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const signature = 'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=';
  const note = `This is an example message.\n\n— example.com/foo ${signature}\n`;
  assert.equal(openNote(note, [key]).outcome, 'good');
  assert.equal(openNote(note.replace('an example', 'no example'), [key]).outcome, 'bad');
});

test('a note opens with any of its keys, and says which signed and when', () => {
  const opened = openNote(NOTE, keys);
  assert.ok(opened.outcome === 'good');
  assert.equal(opened.text, TEXT);
  assert.deepEqual(
    opened.signatures.map(({ key, timeSeconds }) => [key.kind, timeSeconds]),
    [
      ['ed25519', null],
      ['ml-dsa-44-cosignature', 1_767_225_600],
      ['ed25519-cosignature', 1_767_225_600],
    ],
  );
  const one = openNote(Buffer.from(NOTE), [pq.key]);
  assert.ok(one.outcome === 'good');
  assert.equal(one.unknownSignatures, 2);
});

test('keys that share the name or the id alone are unknown', () => {
  const sameName = testSigner(ORIGIN, 'ed25519', 9).key;
  assert.equal(openNote(NOTE, [sameName]).outcome, 'undecidable');
  assert.equal(openNote(NOTE, [{ ...log.key, name: 'other.example' }]).outcome, 'undecidable');
  assert.equal(openNote(NOTE, []).outcome, 'undecidable');
});

test('one bad line of a known key makes the note bad, beside good ones too', () => {
  const forged = log.signer.sign('another text\n');
  assert.equal(openNote(NOTE + forged, keys).outcome, 'bad');
  assert.equal(openNote(NOTE + forged, [witness.key]).outcome, 'good');
  assert.equal(openNote(joinNote(TEXT, [forged]), keys).outcome, 'bad');
});

test('a line that stands twice counts once', () => {
  const opened = openNote(joinNote(TEXT, [witness.signer.sign(TEXT, TIME), witness.signer.sign(TEXT, TIME)]), keys);
  assert.ok(opened.outcome === 'good');
  assert.equal(opened.signatures.length, 1);
});

test('a signature of one kind is none of another, under the same key', () => {
  const plain = testSigner('witness.example/w', 'ed25519', 3);
  const asCosignature = witness.signer.sign(TEXT, TIME);
  assert.notEqual(plain.key.keyId, witness.key.keyId);
  assert.equal(openNote(joinNote(TEXT, [asCosignature]), [plain.key]).outcome, 'undecidable');
  const blob = Buffer.from(asCosignature.split(' ')[2] ?? '', 'base64');
  const renamed = Buffer.concat([Buffer.from(plain.key.keyId, 'hex'), blob.subarray(12)]);
  assert.equal(
    openNote(joinNote(TEXT, [`— witness.example/w ${renamed.toString('base64')}\n`]), [plain.key]).outcome,
    'bad',
  );
});

test('a cosignature needs a checkpoint and a time, and none of 2^63 or later is taken', () => {
  assert.throws(() => witness.signer.sign('no checkpoint\n', TIME), { code: 'malformed' });
  assert.throws(() => pq.signer.sign(TEXT), { code: 'malformed' });
  const blob = Buffer.from(pq.signer.sign(TEXT, TIME).split(' ')[2] ?? '', 'base64');
  blob.writeBigUInt64BE(2n ** 63n, 4);
  assert.equal(openNote(joinNote(TEXT, [`— ${ORIGIN} ${blob.toString('base64')}\n`]), keys).outcome, 'bad');
});

test('the text ends at the last empty line', () => {
  const text = 'first\n\n\nsecond\n';
  const opened = openNote(signNote(text, [log.signer]), keys);
  assert.ok(opened.outcome === 'good');
  assert.equal(opened.text, text);
});

test('what is not a note is refused', () => {
  const line = log.signer.sign(TEXT);
  const blob = line.split(' ')[2]?.trim() ?? '';
  const bad = {
    'no signature': TEXT,
    'no last line feed': joinNote(TEXT, [line]).slice(0, -1),
    'data behind the last line': `${joinNote(TEXT, [line])}x`,
    'an empty line at the end': `${joinNote(TEXT, [line])}\n`,
    'a carriage return': joinNote(TEXT, [line]).replaceAll('\n', '\r\n'),
    'a tab': joinNote('a\tb\n', [line]),
    'a zero byte': joinNote('a\0b\n', [line]),
    'a hyphen for the dash': joinNote(TEXT, [line.replace('—', '-')]),
    'two spaces': joinNote(TEXT, [line.replace(' ', '  ')]),
    'a fourth word': joinNote(TEXT, [line.replace('\n', ' x\n')]),
    'a name with a plus': joinNote(TEXT, [`— a+b ${blob}\n`]),
    'a name with a no-break space': joinNote(TEXT, [`— a\u00a0b ${blob}\n`]),
    'a name with U+0085': joinNote(TEXT, [`— a\u0085b ${blob}\n`]),
    'base64 without padding': joinNote(TEXT, [`— a ${blob.replace(/=+$/, '')}\n`]),
    'base64 with stray characters': joinNote(TEXT, [`— a ${blob.slice(0, 8)}*${blob.slice(8)}\n`]),
    base64url: joinNote(TEXT, ['— a ab-_cdef\n']),
    'trailing bits that are not zero': joinNote(TEXT, ['— a AAAAAAE=\n'.replace('E=', 'F=')]),
    'a blob of the key id alone': joinNote(TEXT, ['— a AAAAAA==\n']),
    'too many signatures': joinNote(
      TEXT,
      Array.from({ length: 65 }, () => line),
    ),
  };
  for (const [what, note] of Object.entries(bad)) assert.throws(() => parseNote(note), TlogError, what);
  assert.throws(() => parseNote(Buffer.from([0x61, 0xff, 0x0a, 0x0a])), TlogError, 'not UTF-8');
  assert.throws(() => parseNote('\ud800\n\n— a AAAAAAE=\n'), TlogError, 'a lone surrogate');
  assert.throws(() => parseNote('x'.repeat(NOTE_BYTES_MAX + 1)), { code: 'limit' });
  assert.equal(
    parseNote(
      joinNote(
        TEXT,
        Array.from({ length: 64 }, () => line),
      ),
    ).signatures.length,
    64,
  );
});

test('a byte order mark belongs to the text', () => {
  const note = signNote(`\ufeff${TEXT}`, [log.signer]);
  assert.equal(parseNote(Buffer.from(note)).text.charCodeAt(0), 0xfeff);
  assert.equal(openNote(note.slice(1), keys).outcome, 'bad');
});

test('the lines that a witness answers are read without their text', () => {
  assert.deepEqual(
    parseSignatureLines(witness.signer.sign(TEXT, TIME)).map(({ name }) => name),
    ['witness.example/w'],
  );
  assert.throws(() => parseSignatureLines(''), TlogError);
  assert.throws(() => parseSignatureLines(`x\n\n${witness.signer.sign(TEXT, TIME)}`), TlogError);
});

test('every flipped bit of a signed checkpoint turns it red, but in the lines of unknown keys', () => {
  const lines = [log.signer.sign(TEXT), witness.signer.sign(TEXT, TIME)];
  const note = Buffer.from(joinNote(TEXT, lines));
  for (let at = 0; at < note.length; at += byForm({ quick: 7, ordinary: 1, long: 1 })) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = Buffer.from(note);
      copy[at] = (copy[at] ?? 0) ^ (1 << bit);
      const verdict = openNote(copy, keys);
      // A changed name or id makes a line one of an unknown key: then that signature is missing from the verdict.
      assert.ok(verdict.outcome !== 'good' || verdict.signatures.length < 2, `byte ${at} bit ${bit}`);
    }
  }
});

test('every changed byte of an ML-DSA-44 line turns a note signed by nothing else red', () => {
  const note = Buffer.from(joinNote(TEXT, [pq.signer.sign(TEXT, TIME)]));
  for (let at = 0; at < note.length; at += byForm({ quick: 13, ordinary: 1, long: 1 })) {
    const copy = Buffer.from(note);
    copy[at] = (copy[at] ?? 0) ^ 1;
    assert.notEqual(openNote(copy, keys).outcome, 'good', `byte ${at}`);
  }
});

test('any text that a note can carry comes back from a signed note', () => {
  const line = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !hasControls(text));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      const text = `${lines.join('\n')}\n`;
      const opened = openNote(Buffer.from(signNote(text, [log.signer])), [log.key]);
      assert.ok(opened.outcome === 'good');
      assert.equal(opened.text, text);
    }),
  );
});

test('a note from outside is refused or is its text and its lines', () => {
  const samples = [NOTE, joinNote('a\n\nb\n', ['— a AAAAAAE=\n'])].map((note) => Buffer.from(note));
  const below = seeded(3);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate(samples, below);
    const note = orRefused(() => parseNote(bytes));
    if (note !== null)
      assert.deepEqual(
        Buffer.from(
          joinNote(
            note.text,
            note.signatures.map(({ line }) => line),
          ),
        ),
        bytes,
      );
  }
});

test('no mutated checkpoint opens with another text', () => {
  const samples = [
    Buffer.from(joinNote(TEXT, [log.signer.sign(TEXT)])),
    Buffer.from(joinNote(TEXT, [witness.signer.sign(TEXT, TIME)])),
  ];
  const below = seeded(4);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const verdict = openNote(mutate(samples, below), [log.key, witness.key]);
    if (verdict.outcome === 'good') assert.equal(verdict.text, TEXT);
  }
});

test('any checkpoint comes back from its text', () => {
  const origin = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed() && !hasControls(text));
  fc.assert(
    fc.property(origin, fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (origin, size, root) => {
      const text = formatCheckpoint({ origin, size, root });
      assert.deepEqual(parseCheckpoint(text), { origin, size, root: Buffer.from(root), extensions: [] });
    }),
  );
});

test('what is not a checkpoint is refused', () => {
  const root = Buffer.alloc(32, 3).toString('base64');
  const bad = [
    '',
    '\n',
    `a\n5\n${root}`,
    `\n5\n${root}\n`,
    `a\n\n${root}\n`,
    'a\n5\n',
    `a\n05\n${root}\n`,
    `a\n+5\n${root}\n`,
    `a\n0x5\n${root}\n`,
    `a\n5 \n${root}\n`,
    `a\n５\n${root}\n`,
    `a\n-0\n${root}\n`,
    `a\n5e1\n${root}\n`,
    `a\n9007199254740992\n${root}\n`,
    `a\n18446744073709551616\n${root}\n`,
    `a\n5\n${root.slice(0, -4)}\n`,
    `a\n5\n${root} \n`,
    `a\n5\n${Buffer.alloc(31).toString('base64')}\n`,
    `a\n5\n${root}\n\n`,
    `a\n5\n${root}\nx\n\ny\n`,
    `a\n5\n${root}\n${'x\n'.repeat(65)}`,
    `a\r\n5\r\n${root}\r\n`,
  ];
  for (const text of bad) assert.throws(() => parseCheckpoint(text), TlogError, JSON.stringify(text));
  assert.deepEqual(parseCheckpoint(`a\n5\n${root}\next 1\next 2\n`).extensions, ['ext 1', 'ext 2']);
  assert.throws(() => formatCheckpoint({ origin: 'a\nb', size: 1, root: Buffer.alloc(32) }), TlogError);
  assert.throws(() => formatCheckpoint({ origin: 'a', size: 2 ** 53, root: Buffer.alloc(32) }), TlogError);
  assert.throws(() => formatCheckpoint({ origin: 'a', size: 1, root: Buffer.alloc(31) }), TlogError);
});

test('a checkpoint from outside is refused or is the one text of what it says', () => {
  const below = seeded(5);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([Buffer.from(TEXT), Buffer.from(`${TEXT}extension\n`)], below);
    const parsed = orRefused(() => parseCheckpoint(bytes));
    if (parsed === null) continue;
    const text = formatCheckpoint(parsed) + parsed.extensions.map((line) => `${line}\n`).join('');
    assert.deepEqual(Buffer.from(text), bytes);
  }
});

function hasControls(text: string): boolean {
  return Buffer.from(text).some((byte) => byte < 0x20);
}
