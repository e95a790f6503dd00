import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ManualClock } from '#kernel';
import { type EntryInput, createLedger, openLedger } from '#ledger';
import { parseVkey } from '../src/ledger/tlog/keys.ts';
import { parseReceipt } from '../src/ledger/tlog/receipt.ts';
import { verifyReceipt } from '../src/ledger/tlog/verify-receipt.ts';
import {
  pythonAudit,
  skipWithoutPython,
  skipWithoutVerifiers,
  tesseraFsck,
  torchwoodProof,
} from './support/outside.ts';

const ORIGIN = 'hospital.example/ledger';
/** Enough for a full tile of level 1, which alone makes a tile of level 2. */
const ENTRIES = 66_000;

suite('a log of ours before verifiers that are not ours', () => {
  let base: string;
  let tree: string;
  let vkey: string;
  let openings: string;
  let receipts: { file: string; entry: string }[];
  const clock = new ManualClock(Date.UTC(2026, 10, 24, 12));

  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'wardkeep-outside-'));
    const dir = join(base, 'data');
    tree = join(dir, 'ledger', 'tree');
    const keyFile = join(base, 'key');
    await createLedger({ dir, keyFile, origin: ORIGIN, clock });
    await using ledger = await openLedger({ dir, keyFile, clock, publishEveryMs: 0 });
    for (let from = 0; from < ENTRIES; from += 6_000) await ledger.append(entriesFrom(from, 6_000));
    await ledger.publish();
    vkey = ledger.manifest.signing[0]?.ed25519 ?? '';
    receipts = [];
    for (const index of [0, 255, 256, 65_535, 65_536, ENTRIES - 1]) {
      for (const compact of [false, true]) {
        const file = join(base, `${index}-${String(compact)}.tlog-proof`);
        const { proof } = await ledger.prove(index, { compact });
        writeFileSync(file, proof);
        writeFileSync(`${file}.entry`, parseReceipt(proof).leafBytes);
        receipts.push({ file, entry: `${file}.entry` });
      }
    }
    openings = (await ledger.prove(0, { open: ['normal', 'raw', 'patient'] })).openings ?? '';
    writeFileSync(join(base, 'policy'), `log ${vkey}\nquorum none\n`);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  test('a verifier in Python over the specification alone agrees on every tile', skipWithoutPython, () => {
    const { verified, output } = pythonAudit(tree, vkey);
    assert.ok(verified, output);
    assert.match(output, new RegExp(`verified: ${ENTRIES} entries`));
  });

  test('that verifier names the first bad index of each kind of damage', skipWithoutPython, () => {
    const damages: [string, (bytes: Buffer) => Buffer, RegExp][] = [
      ['tile/entries/001', (bytes) => flip(bytes, 10), /index 256: hash 0 of tile 0\/1/],
      ['tile/entries/257.p/208', (bytes) => bytes.subarray(0, -1), /index 65999: the entry bundle is cut short/],
      ['tile/entries/000', swapFirstTwo, /index 0: hash 0 of tile 0\/0/],
      [
        'tile/entries/000',
        (bytes) => Buffer.concat([bytes, bytes.subarray(0, 49)]),
        /index 0: the entry bundle has 257 entries/,
      ],
      ['tile/0/255', (bytes) => flip(bytes, 8_191), /index 65535: hash 255 of tile 0\/255/],
      ['tile/1/000', (bytes) => flip(bytes, 32), /index 256: hash 1 of tile 1\/0/],
      ['tile/2/000.p/1', (bytes) => flip(bytes, 0), /index 0: hash 0 of tile 2\/0/],
      ['checkpoint', (bytes) => flip(bytes, 0), /bad/],
      ['checkpoint', (bytes) => Buffer.from(bytes.toString().replace('\n66000\n', '\n65999\n')), /signature/],
    ];
    for (const [path, change, message] of damages) {
      const { verified, output } = damaged(path, change, () => pythonAudit(tree, vkey));
      assert.equal(verified, false, path);
      assert.match(output, message, path);
    }
  });

  test('the fsck of Tessera agrees', skipWithoutVerifiers, () => {
    const { verified, output } = tesseraFsck({ folder: tree, origin: ORIGIN, vkey });
    assert.ok(verified, output);
  });

  test(
    'the fsck of Tessera refuses a damaged tile, bundle or checkpoint, or never ends on it',
    skipWithoutVerifiers,
    () => {
      for (const path of ['tile/0/001', 'tile/entries/257.p/208', 'checkpoint']) {
        const run = (): boolean => tesseraFsck({ folder: tree, origin: ORIGIN, vkey, timeoutMs: 2_500 }).verified;
        assert.equal(
          damaged(path, (bytes) => flip(bytes, 20), run),
          false,
          path,
        );
      }
    },
  );

  test('torchwood verifies our receipts, whole and compact, and refuses another entry', skipWithoutVerifiers, () => {
    const policy = join(base, 'policy');
    for (const [i, { file, entry }] of receipts.entries()) {
      const { verified, output } = torchwoodProof({ policy, entry, proof: file });
      assert.ok(verified, `${file}: ${output}`);
      const other = receipts[(i + 2) % receipts.length]?.entry ?? '';
      assert.equal(torchwoodProof({ policy, entry: other, proof: file }).verified, false);
    }
  });

  test('each part that a receipt opens is the one that was appended, and a changed one is refused', () => {
    const [{ file } = { file: '' }] = receipts;
    const trust = { keys: [parseVkey(vkey)] };
    const receipt = readFileSync(file);
    const verdict = verifyReceipt({ receipt, openings, event: Buffer.from('{"n": 0}'), trust });
    assert.ok(verdict.outcome === 'good', JSON.stringify(verdict.steps));
    assert.equal(verdict.facts.opened.get('normal')?.toString(), '{"n":0}');
    assert.equal(verifyReceipt({ receipt, openings, event: Buffer.from('{"n": 1}'), trust }).outcome, 'bad');
    const changed = openings.replace('{\\"n\\":0}', '{\\"n\\":1}');
    assert.notEqual(changed, openings);
    assert.equal(verifyReceipt({ receipt, openings: changed, trust }).outcome, 'bad');
  });

  /** What `run` says while a file of the tree is changed. */
  function damaged<T>(path: string, change: (bytes: Buffer) => Buffer, run: () => T): T {
    const file = join(tree, path);
    const kept = join(base, 'kept');
    cpSync(file, kept);
    try {
      rmSync(file);
      writeFileSync(file, change(readFileSync(kept)));
      return run();
    } finally {
      rmSync(file);
      cpSync(kept, file);
    }
  }
});

function entriesFrom(from: number, count: number): EntryInput[] {
  return Array.from({ length: count }, (_, i) => ({
    classUid: 3002,
    retention: 'telemetry' as const,
    normal: `{"n":${from + i}}`,
    raw: new Uint8Array(0),
    patient: null,
  }));
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Two entries of 47 bytes, each behind its length, change places. */
function swapFirstTwo(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(49, 98), bytes.subarray(0, 49), bytes.subarray(98)]);
}
