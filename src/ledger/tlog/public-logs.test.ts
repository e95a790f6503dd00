import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { EMPTY_ROOT, hashTree, leafHash } from './hash.ts';
import { type VerifierKey, parseVkey } from './keys.ts';
import { verifyConsistency } from './merkle.ts';
import { openNote } from './note.ts';
import { policyOfKeys } from './policy.ts';
import { type ReadTile, consistencyProof, rootFromTiles } from './prove.ts';
import { parseSize } from './sizes.ts';
import { decodeBase64Of } from './text.ts';
import { decodeEntryBundle, entryBundlePath, tilePath, tilesForSize } from './tiles.ts';
import { verifyCheckpoint } from './trust.ts';

suite('a log of Tessera', skipWithoutShared, () => {
  const key = parseVkey('example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx');

  test('its 16 checkpoints verify, and tiles and entries of each size lead to the signed root', () => {
    for (let size = 0; size <= 15; size++) {
      const verdict = verifyCheckpoint(file(`checkpoint.${size}`), policyOfKeys([key]));
      assert.ok(verdict.outcome === 'good');
      assert.equal(verdict.checkpoint.size, size);
      if (size === 0) {
        assert.deepEqual(verdict.checkpoint.root, EMPTY_ROOT);
        continue;
      }
      assert.deepEqual(rootFromTiles(size, readTile), verdict.checkpoint.root);
      const entries = decodeEntryBundle(file(entryBundlePath(0, size)));
      assert.equal(entries.length, size);
      assert.deepEqual(hashTree(Buffer.concat(entries.map((entry) => leafHash(entry)))), verdict.checkpoint.root);
    }
  });

  test('each size is consistent with each later one, and its proof with no other', () => {
    for (let size2 = 1; size2 <= 15; size2++) {
      for (let size1 = 1; size1 <= size2; size1++) {
        const claim = {
          size1,
          size2,
          root1: rootOf(size1),
          root2: rootOf(size2),
          proof: consistencyProof(size1, size2, readTile),
        };
        assert.ok(verifyConsistency(claim));
        assert.equal(verifyConsistency({ ...claim, root1: rootOf(size1 - 1) }), false);
      }
    }
  });
});

interface WitnessSequence {
  name: string;
  logOrigin: string;
  logVkey: string;
  steps: {
    body: string;
    status: number;
    statusBySpec?: number;
    bodyContains?: string;
    bodyEquals?: string;
    desc: string;
  }[];
  finalSize: number;
}

suite('requests to a witness', skipWithoutShared, () => {
  const path = sharedPath('tlog/torchwood/add-checkpoint.json');

  test('a witness of these parts answers each request of the litewitness tests with its status', () => {
    const { sequences }: { sequences: WitnessSequence[] } = JSON.parse(readFileSync(path, 'utf8'));
    assert.equal(
      sequences.reduce((sum, { steps }) => sum + steps.length, 0),
      10,
    );
    for (const { logOrigin, logVkey, steps, finalSize } of sequences) {
      const witness = smallWitness(logOrigin, parseVkey(logVkey));
      for (const { body, status, statusBySpec, bodyEquals, desc } of steps) {
        const answer = witness.addCheckpoint(body);
        assert.equal(answer.status, statusBySpec ?? status, desc);
        if (bodyEquals !== undefined) assert.equal(answer.body, bodyEquals, desc);
      }
      assert.equal(witness.size(), finalSize);
    }
  });

  test('the key of the Go checksum database opens its checkpoint, but not as a policy for that origin', () => {
    const { sequences }: { sequences: WitnessSequence[] } = JSON.parse(readFileSync(path, 'utf8'));
    const go = sequences.find(({ name }) => name === 'go.sum database');
    const note = go?.steps[0]?.body.replace('old 0\n\n', '') ?? '';
    const key = parseVkey(go?.logVkey ?? '');
    assert.equal(openNote(note, [key]).outcome, 'good');
    // The key's name is not the origin, and a policy has no other way to say which log a key is of.
    assert.equal(verifyCheckpoint(note, policyOfKeys([key])).outcome, 'undecidable');
  });
});

suite('checkpoints and tiles of Sunlight', skipWithoutShared, () => {
  const root = sharedPath('tlog/sunlight/cmd/skylight/testdata/');
  const mirrorLog = 'witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706';
  const keysOf = (file: string): VerifierKey[] => {
    const { verifier_keys: keys }: { verifier_keys: string[] } = JSON.parse(readFileSync(root + file, 'utf8'));
    return keys.map(parseVkey);
  };

  test('cosignatures verify and the RFC 6962 signature beside them is passed over', () => {
    const log = '000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706';
    const opened = openNote(readFileSync(`${root}witness/${log}/checkpoint`), keysOf('witness/witness.v0.json'));
    assert.ok(opened.outcome === 'good');
    assert.equal(opened.unknownSignatures, 1);
    assert.equal(parseCheckpoint(opened.text).origin, 'rome2026h1.example.org');
    assert.equal(createHash('sha256').update('rome2026h1.example.org').digest('hex'), log);
    const second = readFileSync(
      `${root}witness2/88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482/checkpoint`,
    );
    assert.equal(openNote(second, keysOf('witness2/witness.v0.json')).outcome, 'good');
    assert.equal(openNote(second, keysOf('witness/witness.v0.json')).outcome, 'undecidable');
    assert.equal(
      openNote(readFileSync(`${root}tree/checkpoint`), keysOf('witness/witness.v0.json')).outcome,
      'undecidable',
    );
  });

  test("the mirror's tiles lead to the root that it cosigned", () => {
    const opened = openNote(readFileSync(`${root}${mirrorLog}/checkpoint`), keysOf('witness/mirror/mirror.v0.json'));
    assert.ok(opened.outcome === 'good');
    const head = parseCheckpoint(opened.text);
    const readTile: ReadTile = ({ level, index, width }) =>
      readFileSync(`${root}${mirrorLog}/${tilePath(level, index, width)}`);
    assert.deepEqual(rootFromTiles(head.size, readTile), head.root);
    const tiles = [...tilesForSize(head.size)].map(({ level, index, width }) => tilePath(level, index, width));
    assert.deepEqual(tiles, ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']);
    const above = readTile({ level: 1, index: 0, width: 1 });
    assert.deepEqual(above, hashTree(readTile({ level: 0, index: 0, width: 256 })));
  });
});

interface Answer {
  status: number;
  body: string;
}

/** The rules of tlog-witness over this module's parts, without a network. */
function smallWitness(origin: string, key: VerifierKey): { addCheckpoint(body: string): Answer; size(): number } {
  let known = { size: 0, root: EMPTY_ROOT };
  return {
    size: () => known.size,
    addCheckpoint(body) {
      const split = body.indexOf('\n\n');
      const [oldLine = '', ...lines] = body.slice(0, split).split('\n');
      const note = body.slice(split + 2);
      if (note.slice(0, note.indexOf('\n')) !== origin) return answer(404);
      const opened = openNote(note, [key]);
      if (opened.outcome !== 'good') return answer(403);
      const head = parseCheckpoint(opened.text);
      const oldSize = parseSize(oldLine.replace(/^old /, ''), 'the old size');
      if (oldSize > head.size) return answer(400);
      if (oldSize !== known.size) return answer(409, `${known.size}\n`);
      const proof = lines.map((line) => decodeBase64Of(line, 32) ?? Buffer.alloc(0));
      const claim = { size1: oldSize, size2: head.size, root1: known.root, root2: head.root, proof };
      if (oldSize === 0 ? proof.length > 0 : !verifyConsistency(claim)) return answer(422);
      known = head;
      return answer(200);
    },
  };
}

function noteText(note: Buffer): string {
  const text = note.toString();
  return text.slice(0, text.lastIndexOf('\n\n') + 1);
}

function file(path: string): Buffer {
  return readFileSync(sharedPath(`tlog/tessera/testdata/log/${path}`));
}

const readTile: ReadTile = ({ level, index, width }) => file(tilePath(level, index, width));

function rootOf(size: number): Buffer {
  return parseCheckpoint(noteText(file(`checkpoint.${size}`))).root;
}

function answer(status: number, body = ''): Answer {
  return { status, body };
}
