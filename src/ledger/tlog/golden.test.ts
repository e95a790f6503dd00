import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { privateKeyOf, tilesOfLeaves } from '../../../test/support/tlog.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { leafHash } from './hash.ts';
import { parseVkey } from './keys.ts';
import { verifyConsistency, verifyInclusion } from './merkle.ts';
import { openNote, signNote } from './note.ts';
import { parsePolicy } from './policy.ts';
import { encodeProof, parseProof, verifyProof } from './proof.ts';
import { type ReadTile, consistencyProof, inclusionProof, rightEdgeFromTiles, rootFromTiles } from './prove.ts';
import { RightEdge } from './right-edge.ts';
import { createNoteSigner, subtreeMessage } from './signature.ts';
import { tilePath, tilesForSize } from './tiles.ts';

interface Golden {
  origin: string;
  logSeedHex: string;
  logVkey: string;
  policy: string;
  timestamp: number;
  witnesses: { name: string; vkey: string; seedHex: string }[];
  roots: { size: number; root: string }[];
  inclusion: { size: number; index: number; leafHash: string; root: string; proof: string[] }[];
  consistency: { oldSize: number; newSize: number; oldRoot: string; newRoot: string; proof: string[] }[];
  tiles: { path: string; bytes: number; sha256: string }[];
  checkpoints: { body: string; size: number; logSigned: string; cosigned: string }[];
  mldsa44: {
    name: string;
    vkey: string;
    seedHex: string;
    messageHex: string;
    signatureLine: string;
    size: number;
    root: string;
    timestamp: number;
  };
  tlogProofs: { desc: string; entry: string; index: number; proof: string; valid: boolean }[];
}

const SIZE = 70_000;

suite('vectors made by independent Go implementations', skipWithoutShared, () => {
  let golden: Golden;
  let leafHashes: Buffer;
  let readTile: ReadTile;

  before(() => {
    golden = JSON.parse(readFileSync(sharedPath('tlog/golden/tlog-golden.json'), 'utf8'));
    leafHashes = Buffer.alloc(SIZE * 32);
    for (let i = 0; i < SIZE; i++) leafHash(entryOf(i)).copy(leafHashes, i * 32);
    readTile = tilesOfLeaves(leafHashes);
  });

  test('530 roots come out of one growing right edge', () => {
    const wanted = new Map(golden.roots.map(({ size, root }) => [size, root]));
    assert.equal(wanted.size, 530);
    const edge = new RightEdge();
    let compared = 0;
    for (let size = 0; size <= SIZE; size++) {
      const root = wanted.get(size);
      if (root !== undefined) {
        assert.equal(edge.root().toString('base64'), root, `size ${size}`);
        compared += 1;
      }
      if (size < SIZE) edge.append(leafHashes.subarray(size * 32, size * 32 + 32));
    }
    assert.equal(compared, 530);
    assert.deepEqual(rootFromTiles(SIZE, readTile), edge.root());
    assert.deepEqual(rightEdgeFromTiles(SIZE, readTile).serialise(), edge.serialise());
  });

  test('277 tiles have the same paths and bytes', () => {
    const wanted = new Map(golden.tiles.map(({ path, bytes, sha256 }) => [path, `${bytes} ${sha256}`]));
    assert.equal(wanted.size, 277);
    const made = new Map(
      [...tilesForSize(SIZE)].map((tile) => {
        const bytes = readTile(tile);
        return [
          tilePath(tile.level, tile.index, tile.width),
          `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`,
        ];
      }),
    );
    assert.deepEqual(made, wanted);
  });

  test('400 inclusion proofs are built the same and verify', () => {
    assert.equal(golden.inclusion.length, 400);
    for (const { size, index, leafHash, root, proof } of golden.inclusion) {
      assert.deepEqual(inclusionProof(size, index, readTile).map(base64), proof);
      assert.ok(
        verifyInclusion({ leafHash: bytesOf(leafHash), index, size, root: bytesOf(root), proof: proof.map(bytesOf) }),
      );
    }
  });

  test('400 consistency proofs are built the same and verify', () => {
    assert.equal(golden.consistency.length, 400);
    for (const { oldSize, newSize, oldRoot, newRoot, proof } of golden.consistency) {
      assert.deepEqual(consistencyProof(oldSize, newSize, readTile).map(base64), proof);
      const [root1, root2] = [bytesOf(oldRoot), bytesOf(newRoot)];
      assert.ok(verifyConsistency({ size1: oldSize, size2: newSize, root1, root2, proof: proof.map(bytesOf) }));
    }
  });

  test('5 checkpoints are signed to the byte and open with three cosignatures', () => {
    assert.equal(golden.checkpoints.length, 5);
    const signers = [
      createNoteSigner({
        name: golden.origin,
        kind: 'ed25519',
        privateKey: privateKeyOf('ed25519', hex(golden.logSeedHex)),
      }),
      ...golden.witnesses.map(({ name, seedHex }) =>
        createNoteSigner({ name, kind: 'ed25519-cosignature', privateKey: privateKeyOf('ed25519', hex(seedHex)) }),
      ),
    ];
    assert.deepEqual(
      signers.map(({ vkey }) => vkey),
      [golden.logVkey, ...golden.witnesses.map(({ vkey }) => vkey)],
    );
    for (const { body, size, logSigned, cosigned } of golden.checkpoints) {
      assert.equal(signNote(body, signers.slice(0, 1)), logSigned);
      assert.equal(signNote(body, signers, { timeMs: golden.timestamp * 1000 }), cosigned);
      assert.equal(parseCheckpoint(body).size, size);
      const opened = openNote(
        cosigned,
        signers.map(({ vkey }) => parseVkey(vkey)),
      );
      assert.ok(opened.outcome === 'good');
      assert.deepEqual(
        opened.signatures.map(({ timeSeconds }) => timeSeconds),
        [null, ...Array(3).fill(golden.timestamp)],
      );
    }
  });

  test('the ML-DSA-44 cosignature covers the same bytes and verifies, and ours verifies under the same key', () => {
    const { name, vkey, seedHex, messageHex, signatureLine, size, root, timestamp } = golden.mldsa44;
    const { origin } = golden;
    const message = subtreeMessage({ name, time: BigInt(timestamp), origin, start: 0, end: size, hash: bytesOf(root) });
    assert.equal(message.toString('hex'), messageHex);
    const key = parseVkey(vkey);
    const text = `${origin}\n${size}\n${root}\n`;
    const opened = openNote(`${text}\n${signatureLine.trimEnd()}\n`, [key]);
    assert.ok(opened.outcome === 'good');
    assert.equal(opened.signatures[0]?.timeSeconds, timestamp);
    const kind = 'ml-dsa-44-cosignature';
    const signer = createNoteSigner({ name, kind, privateKey: privateKeyOf(kind, hex(seedHex)) });
    assert.equal(signer.vkey, vkey);
    const line = signer.sign(text, { timeMs: timestamp * 1000 + 999 });
    assert.equal(line.length, signatureLine.trimEnd().length + 1);
    const signature = Buffer.from(line.split(' ')[2] ?? '', 'base64').subarray(12);
    assert.ok(verify(null, hex(messageHex), key.keyObject, signature));
  });

  test('50 proofs get the verdicts of torchwood', () => {
    assert.equal(golden.tlogProofs.length, 50);
    const policy = parsePolicy(golden.policy);
    for (const { desc, entry, proof, valid } of golden.tlogProofs) {
      let good = false;
      try {
        const parsed = parseProof(proof);
        assert.equal(encodeProof(parsed), proof);
        good = verifyProof({ proof: parsed, leafHash: leafHash(Buffer.from(entry)), policy }).outcome === 'good';
      } catch (error) {
        assert.ok(error instanceof TlogError);
      }
      assert.equal(good, valid, desc);
    }
  });
});

function entryOf(i: number): Buffer {
  return Buffer.from(`golden entry ${i} ${'x'.repeat(i % 97)}`);
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
