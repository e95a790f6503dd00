import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock } from '#kernel';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { checkReceipt } from '../../web/console/ledger/tlog/receipt.ts';
import { TILES_MAX, type Remembered, pickTiles, verifyLedger } from '../../web/console/ledger/tlog/verify.ts';
import { fuzzInputs } from '../support/shared.ts';

/** What the browser does on the Ledger page, run against trees that the real ledger wrote. */
const dir = mkdtempSync(join(tmpdir(), 'wardkeep-web-ledger-'));
const ORIGIN = 'log.test/web';
const clock = new ManualClock(Date.UTC(2026, 10, 24, 12));
let ledger: Ledger;
let vkeys: string[];

before(async () => {
  const keyFile = join(dir, 'key');
  await createLedger({ dir: join(dir, 'data'), keyFile, origin: ORIGIN, clock });
  ledger = await openLedger({ dir: join(dir, 'data'), keyFile, clock, publishEveryMs: 0 });
  vkeys = ledger.manifest.signing.flatMap(({ ed25519, mldsa }) => [ed25519, mldsa]);
});

after(async () => {
  await ledger[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

async function grow(entries: number): Promise<string> {
  for (let at = 0; at < entries; at += 500) {
    const batch = Array.from({ length: Math.min(500, entries - at) }, (_one, n) => ({
      classUid: 3002,
      retention: 'record' as const,
      normal: JSON.stringify({ class_uid: 3002, n: at + n }),
      raw: Buffer.from(`raw ${at + n}`),
      patient: null,
    }));
    await ledger.append(batch);
  }
  return await ledger.publish();
}

function fetchTile(path: string): Promise<ArrayBuffer> {
  const file = join(dir, 'data', 'ledger', 'tree', path);
  if (!existsSync(file)) return Promise.reject(new Error(`no ${path}`));
  return Promise.resolve(Uint8Array.from(readFileSync(file)).buffer);
}

function verify(checkpoint: string, change: Partial<Parameters<typeof verifyLedger>[0]> = {}) {
  return verifyLedger({
    checkpoint,
    vkeys,
    remembered: null,
    fetchTile,
    nowMs: clock.nowMs(),
    random: () => 0.5,
    ...change,
  });
}

let remembered: Remembered;

test('a ledger that was never seen verifies and is remembered', async () => {
  const verdict = await verify(await grow(1_300));
  assert.deepEqual(
    verdict.steps.map(({ step, ok, note }) => [step, ok, note.kind]),
    [
      ['checkpoint', true, 'checkpoint'],
      ['signature', true, 'signatureFirst'],
      ['root', true, 'rootGood'],
      ['tiles', true, 'tilesAll'],
      ['remembered', true, 'first'],
    ],
  );
  assert.equal(verdict.outcome, 'good');
  assert.ok(verdict.remember !== null);
  remembered = verdict.remember;
});

test('a ledger that grew is a continuation of what was seen', async () => {
  for (const entries of [1, 255, 700, 2_000]) {
    const verdict = await verify(await grow(entries), { remembered });
    assert.equal(verdict.outcome, 'good', JSON.stringify(verdict.steps));
    assert.equal(verdict.steps.at(-1)?.note.kind, 'consistent');
  }
});

test('a bit that was changed in any tile, the checkpoint or the past is found', async () => {
  const checkpoint = await ledger.publish();
  for (const wanted of ['tile/0/000', 'tile/0/003', 'tile/1/000.p']) {
    let seen = false;
    const verdict = await verify(checkpoint, {
      fetchTile: async (path) => {
        const bytes = new Uint8Array(await fetchTile(path));
        if (path.startsWith(wanted)) {
          seen = true;
          bytes[40] = (bytes[40] ?? 0) ^ 1;
        }
        return bytes.buffer;
      },
    });
    assert.ok(seen, wanted);
    assert.equal(verdict.outcome, 'bad', wanted);
    assert.equal(verdict.remember, null);
  }
  const forged = checkpoint.replace(/\n(\d+)\n/, (_all, size: string) => `\n${Number(size) - 1}\n`);
  assert.equal((await verify(forged)).steps.at(-1)?.note.kind, 'signatureBad');
  const otherPast = { ...remembered, root: Buffer.alloc(32, 1).toString('base64') };
  assert.equal((await verify(checkpoint, { remembered: otherPast })).steps.at(-1)?.note.kind, 'inconsistent');
  const longerPast = { ...remembered, size: 10_000_000 };
  assert.equal((await verify(checkpoint, { remembered: longerPast })).steps.at(-1)?.note.kind, 'shrunk');
});

test('a tile that cannot be had, or a key that is not the remembered one, is never good', async () => {
  const checkpoint = await ledger.publish();
  const withoutTile = await verify(checkpoint, {
    fetchTile: (path) => (path.startsWith('tile/0/002') ? Promise.reject(new Error('gone')) : fetchTile(path)),
  });
  assert.deepEqual([withoutTile.outcome, withoutTile.steps.at(-1)?.note.kind], ['bad', 'tileMissing']);
  const stranger = vkeys.map((vkey) => vkey.replace('log.test/web', 'log.test/other'));
  assert.equal((await verify(checkpoint, { vkeys: stranger })).outcome, 'undecided');
  const other = { ...remembered, vkey: stranger[0] ?? '' };
  const changed = await verify(checkpoint, { remembered: other });
  assert.deepEqual([changed.outcome, changed.steps.at(-1)?.note.kind], ['undecided', 'keyChanged']);
});

test('of a large tree the upper tiles and a sample are picked, never more than the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.nat({ max: 999 }), (size, seed) => {
      const { picked, all } = pickTiles(size, () => seed / 1_000);
      assert.equal(picked.length, Math.min(all, TILES_MAX));
      assert.equal(new Set(picked.map(({ level, index }) => `${level}/${index}`)).size, picked.length);
      for (const { level, index } of picked) assert.ok((index + 1) * 256 ** (level + 1) <= size);
    }),
    { numRuns: 200 },
  );
});

const rootAt = async (): Promise<null> => null;

test('a receipt of the ledger is good, with its content; a changed one is not', async () => {
  const { proof, openings } = await ledger.prove(700, { open: ['normal', 'raw'] });
  const good = await checkReceipt({ receipt: proof, openings, vkeys, rootAt });
  assert.equal(good.outcome, 'good', JSON.stringify(good.steps));
  assert.equal(good.receipt?.index, 700);
  assert.equal(good.receipt?.classUid, 3002);
  assert.equal(good.receipt?.minuteMs, clock.nowMs());
  assert.deepEqual([...good.opened.keys()], ['normal', 'raw']);

  const otherContent = openings?.replace('raw ', 'raw!') ?? null;
  assert.equal((await checkReceipt({ receipt: proof, openings: otherContent, vkeys, rootAt })).outcome, 'bad');
  const otherIndex = proof.replace('index 700', 'index 701');
  assert.equal((await checkReceipt({ receipt: otherIndex, openings: null, vkeys, rootAt })).outcome, 'bad');
  assert.equal((await checkReceipt({ receipt: proof, openings: null, vkeys: [], rootAt })).outcome, 'undecided');
  const fork = await checkReceipt({ receipt: proof, openings: null, vkeys, rootAt: async () => new Uint8Array(32) });
  assert.deepEqual([fork.outcome, fork.steps.at(-1)?.note.kind], ['bad', 'fork']);
});

test('whatever is dropped as a receipt, openings or checkpoint gets an answer and is never good', async () => {
  const { proof, openings } = await ledger.prove(3, { open: ['normal'] });
  const checkpoint = await ledger.publish();
  const inputs = fuzzInputs({ oneIn: 100, atLeast: 50 });
  const cut = fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(cut, async ([from, length, put]) => {
      const bent = (text: string): string => {
        const at = from % text.length;
        return text.slice(0, at) + put + text.slice(at + 1 + (length % 40));
      };
      const receipt = bent(proof);
      const outcome = (await checkReceipt({ receipt, openings: null, vkeys, rootAt })).outcome;
      // Lines of other signatures may be bent: this browser reads Ed25519 alone.
      if (outcome === 'good') assert.equal(receipt.split('—')[1], proof.split('—')[1]);
      const bentOpenings = bent(openings ?? '');
      const opened = await checkReceipt({ receipt: proof, openings: bentOpenings, vkeys, rootAt });
      if (opened.outcome === 'good') assert.deepEqual(JSON.parse(bentOpenings).parts, JSON.parse(openings ?? '').parts);
      const note = bent(checkpoint);
      const verdict = await verify(note, { remembered });
      if (verdict.outcome === 'good') assert.equal(note.split('\n\n')[0], checkpoint.split('\n\n')[0]);
    }),
    { numRuns: inputs },
  );
});
