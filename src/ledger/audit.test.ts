import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import { byForm } from '../../test/support/shared.ts';
import { auditLedger, createLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { NOW, entriesOf, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const clock = new ManualClock(NOW);

async function fill(place: Place, batches: readonly number[]): Promise<void> {
  await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
  let from = 0;
  for (const count of batches) {
    await ledger.append(entriesOf(from, count));
    from += count;
  }
  await ledger.publish();
}

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile());
}

/** The files whose bytes the audit vouches for. */
function audited(place: Place): string[] {
  const root = join(place.dir, 'ledger');
  return [...filesOf(join(root, 'journal')), ...filesOf(join(root, 'tree'))];
}

test('a whole ledger is verified with all its bodies', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [1, 300, 40, 700]);
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.size, 1041);
  assert.equal(report.checkpointSize, 1041);
  assert.equal(report.bodiesVerified, 1041);
  assert.equal(report.bodiesChecked, true);
});

test('without the key the tree is verified and the report says that bodies were not', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [5]);
  rmSync(place.keyFile);
  const report = await auditLedger({ dir: place.dir });
  assert.equal(report.good, true);
  assert.equal(report.bodiesChecked, false);
  assert.match(report.notes.join(), /bodies were not checked/);
});

test('every flipped byte of a small ledger is found, and an index is named', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [2, 1]);
  const flipsOfFile = byForm({ quick: 25, ordinary: 150, long: Infinity });
  let flips = 0;
  for (const path of audited(place)) {
    const good = readFileSync(path);
    const step = Math.max(1, Math.floor(good.length / flipsOfFile));
    for (let at = 0; at < good.length; at += step) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bad);
      const verdict = await auditLedger(place).catch((error: unknown) => error);
      if (!(verdict instanceof Error)) {
        const report = verdict as Awaited<ReturnType<typeof auditLedger>>;
        assert.equal(report.good, false, `byte ${at} of ${path}`);
        assert.notEqual(report.firstBadIndex, null, `byte ${at} of ${path}`);
      }
      flips += 1;
    }
    writeFileSync(path, good);
  }
  assert.ok(flips >= 2 * Math.min(flipsOfFile, 150));
  assert.equal((await auditLedger(place)).good, true);
});

test('a flipped byte in a bigger ledger is found at or before the batch that holds it', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [400, 400, 400]);
  for (const path of audited(place)) {
    const good = readFileSync(path);
    for (const part of [0.1, 0.5, 0.9]) {
      const bad = Buffer.from(good);
      const at = Math.floor(good.length * part);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      writeFileSync(path, bad);
      const report = await auditLedger(place);
      assert.equal(report.good, false, `byte ${at} of ${path}`);
      assert.notEqual(report.firstBadIndex, null);
    }
    writeFileSync(path, good);
  }
});

/** The one segment of a journal: its path, head and frames. */
function segmentOf(place: Place): { path: string; head: Buffer; frames: Buffer[] } {
  const [path = ''] = filesOf(join(place.dir, 'ledger', 'journal'));
  const bytes = readFileSync(path);
  const starts = [...bytes.toString('latin1').matchAll(/WKF1/g)].map((match) => match.index);
  const frames = starts.map((start, n) => bytes.subarray(start, starts[n + 1] ?? bytes.length));
  return { path, head: bytes.subarray(0, starts[0]), frames };
}

test('frames that are swapped, cut, doubled or foreign are found', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [3, 3, 3]);
  const { path, head, frames } = segmentOf(place);
  assert.equal(frames.length, 3);
  const [one, two, three] = frames as [Buffer, Buffer, Buffer];
  // Of the same name, size and events, with keys of its own.
  const other = await temporaryLedger(t);
  await fill(other, [3, 3, 3, 3]);
  const foreign = segmentOf(other).frames as [Buffer, Buffer, Buffer, Buffer];
  const cases: [string, Buffer, number][] = [
    ['swapped', Buffer.concat([head, two, one, three]), 0],
    ['cut in the middle', Buffer.concat([head, one, three]), 3],
    ['cut at the end', Buffer.concat([head, one, two]), 6],
    ['doubled', Buffer.concat([head, one, two, two, three]), 3],
    ['foreign at the beginning', Buffer.concat([head, foreign[0], two, three]), 0],
    ['foreign in the middle', Buffer.concat([head, one, foreign[1], three]), 3],
    ['foreign at the end', Buffer.concat([head, one, two, three, foreign[3]]), 9],
    ['foreign as a whole', Buffer.concat([head, ...foreign.slice(0, 3)]), 0],
    ['zeroed in the middle', Buffer.concat([head, one, Buffer.alloc(two.length), three]), 3],
  ];
  for (const [what, bytes, index] of cases) {
    writeFileSync(path, bytes);
    const report = await auditLedger(place);
    assert.equal(report.good, false, what);
    assert.equal(report.firstBadIndex, index, what);
  }
});

test('entries of tiles that are swapped, cut, doubled or foreign are found, at the first that differs', async (t) => {
  const [place, other] = [await temporaryLedger(t), await temporaryLedger(t)];
  for (const one of [place, other]) await fill(one, [300, 40]);
  const tile = join('ledger', 'tree', 'tile');
  const files: [string, { first: number; step: number }][] = [
    [join('0', '000'), { first: 0, step: 32 }],
    [join('0', '001.p', '84'), { first: 256, step: 32 }],
    [join('entries', '000'), { first: 0, step: 49 }],
    [join('entries', '001.p', '84'), { first: 256, step: 49 }],
  ];
  for (const [name, { first, step }] of files) {
    const path = join(place.dir, tile, name);
    const good = readFileSync(path);
    const many = good.length / step;
    const entry = (n: number): Buffer => good.subarray(n * step, (n + 1) * step);
    const before = (n: number): Buffer => good.subarray(0, n * step);
    const from = (n: number): Buffer => good.subarray(n * step);
    const foreign = readFileSync(join(other.dir, tile, name)).subarray(20 * step, 21 * step);
    const cases: [string, Buffer, number][] = [
      ['swapped', Buffer.concat([before(10), entry(50), good.subarray(11 * step, 50 * step), entry(10), from(51)]), 10],
      ['neighbours swapped', Buffer.concat([before(10), entry(11), entry(10), from(12)]), 10],
      ['cut in the middle', Buffer.concat([before(10), from(11)]), 10],
      ['cut at the end', before(many - 1), many - 1],
      ['cut within the last', good.subarray(0, -1), many - 1],
      ['empty', Buffer.alloc(0), 0],
      ['doubled', Buffer.concat([before(10), entry(9), from(10)]), 10],
      ['one more at the end', Buffer.concat([good, entry(0)]), many - 1],
      ['foreign', Buffer.concat([before(20), foreign, from(21)]), 20],
    ];
    for (const [what, bytes, index] of cases) {
      writeFileSync(path, bytes);
      const report = await auditLedger(place);
      assert.deepEqual([report.good, report.firstBadIndex], [false, first + index], `${name}: ${what}`);
    }
    writeFileSync(path, good);
  }
  assert.equal((await auditLedger(place)).good, true);
});

test('a rollback of the whole directory is found through the anchor', async (t) => {
  const base = temporaryDirectory(t);
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: 'log.test/one', anchor: join(base, 'elsewhere', 'anchor'), clock });
  await fill(place, [3]);
  const copy = join(base, 'backup');
  cpSync(place.dir, copy, { recursive: true });
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(3, 3));
  }
  assert.equal((await auditLedger(place)).good, true);
  rmSync(place.dir, { recursive: true });
  cpSync(copy, place.dir, { recursive: true });
  const report = await auditLedger(place);
  assert.equal(report.good, false);
  assert.equal(report.firstBadIndex, 3);
  await assert.rejects(openLedger({ ...place, clock }), { code: 'rolled_back' });
});

test('a torn tail behind the checkpoint is a note, in front of it a finding', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, [3, 3]);
  const [path = ''] = filesOf(join(place.dir, 'ledger', 'journal'));
  truncateSync(path, statSync(path).size - 1);
  const report = await auditLedger(place);
  assert.equal(report.good, false);
  assert.equal(report.firstBadIndex, 3);
  await assert.rejects(openLedger({ ...place, clock }), { code: 'rolled_back' });
});
