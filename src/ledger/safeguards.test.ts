import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import type { Faults, SourceMark } from './index.ts';
import { auditLedger, createLedger, openLedger } from './index.ts';
import { layoutOf, segmentName } from './layout.ts';
import { NOW, entriesOf, readAll, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const clock = new ManualClock(NOW);

function markOf(n: number, change: Partial<SourceMark> = {}): SourceMark {
  return { sourceId: `source ${n}`, headHash: '', offset: n, records: n, prefixHash: null, state: null, ...change };
}

test('verify sees that the anchor has another history, also where its size lies inside a batch', async (t) => {
  const base = temporaryDirectory(t);
  const one = { dir: join(base, 'one'), keyFile: join(base, 'key') };
  const anchor = join(base, 'elsewhere', 'anchor');
  await createLedger({ ...one, origin: 'log.test/one', anchor, clock });
  const two = { ...one, dir: join(base, 'two') };
  cpSync(one.dir, two.dir, { recursive: true });
  {
    await using ledger = await openLedger({ ...one, clock });
    await ledger.append(entriesOf(0, 3));
  }
  const first = readFileSync(anchor);
  rmSync(anchor);
  {
    await using ledger = await openLedger({ ...two, clock, newAnchor: true });
    await ledger.append(entriesOf(100, 8));
  }
  writeFileSync(anchor, first);
  const report = await auditLedger(two);
  assert.ok(
    report.findings.some(({ reason }) => reason.includes('anchor')),
    JSON.stringify(report.findings),
  );
  assert.deepEqual((await auditLedger(one)).findings, []);
});

test('an append whose marks would not fit into a frame is refused, and nothing of it is lost later', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 2), { marks: [markOf(1)] });
    const many = Array.from({ length: 700 }, (_one, n) => markOf(n, { state: 'x'.repeat(240_000) }));
    await assert.rejects(ledger.append(entriesOf(2, 1), { marks: many }), { code: 'too_large' });
    const few = await Promise.all(
      Array.from({ length: 12 }, (_one, n) =>
        ledger.append([], { marks: [markOf(n, { state: '\u0001'.repeat(40_000) })] }),
      ),
    );
    assert.equal(few.length, 12);
  }
  await using again = await openLedger({ ...place, clock });
  assert.equal(again.size, 2);
  assert.equal(again.marks().size, 12);
});

test('a mark that could not be read back is refused', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    for (const wrong of [{ offset: Number.NaN }, { offset: -1 }, { records: Number.POSITIVE_INFINITY }])
      await assert.rejects(ledger.append(entriesOf(0, 1), { marks: [markOf(1, wrong)] }), { code: 'bad_option' });
  }
  await using again = await openLedger({ ...place, clock });
  assert.equal(again.size, 0);
});

test('a snapshot of the marks that somebody emptied does not make sources unknown', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 4), { marks: [markOf(7)] });
    await ledger.upkeep.erase([1], 'test');
  }
  const { marks } = layoutOf(place.dir);
  const snapshot = readFileSync(marks);
  assert.ok(snapshot.length > 8);
  writeFileSync(marks, snapshot.subarray(0, 8));
  await using again = await openLedger({ ...place, clock });
  assert.equal(again.mark('source 7')?.offset, 7);
});

test('two processes that make one ledger at once give one ledger, and lose nothing of the first', async (t) => {
  const base = temporaryDirectory(t);
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: 'log.test/one', clock });
  // The second stands where the first one's manifest was not there yet.
  const { manifest } = layoutOf(place.dir);
  const text = readFileSync(manifest);
  await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
  rmSync(manifest);
  await assert.rejects(createLedger({ ...place, origin: 'log.test/two', clock }), { code: 'locked' });
  writeFileSync(manifest, text);
  await ledger.append(entriesOf(0, 5));
  assert.equal((await readAll(ledger)).length, 5);
});

test('a journal that holds entries is never overwritten, even where the manifest is lost', async (t) => {
  const place = await temporaryLedger(t);
  {
    const ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    await ledger.append(entriesOf(0, 5));
    await ledger[Symbol.asyncDispose]();
  }
  const { manifest, journal, tree } = layoutOf(place.dir);
  rmSync(manifest);
  rmSync(join(tree, 'tile'), { recursive: true });
  const before = readFileSync(join(journal, segmentName(0)));
  await assert.rejects(createLedger({ ...place, origin: 'log.test/two', clock }), { code: 'exists' });
  assert.deepEqual(readFileSync(join(journal, segmentName(0))), before);
});

test('a key file is not made in a folder that is missing, and nothing else is made either', async (t) => {
  const base = temporaryDirectory(t);
  const dir = join(base, 'data');
  writeFileSync(join(base, 'file'), '');
  for (const keyFile of [join(base, 'nonexist', 'dir', 'k'), join(base, 'file', 'k')])
    await assert.rejects(createLedger({ dir, keyFile, clock }), {
      code: 'bad_option',
      message: /there is no folder .* for the key file/,
      advice: /mkdir -p/,
    });
  assert.deepEqual(readdirSync(base), ['file']);
  await createLedger({ dir, keyFile: join(base, 'k'), clock });
});

test('a key file inside the data directory is refused, whatever its folder is called', async (t) => {
  const base = temporaryDirectory(t);
  const dir = join(base, 'data');
  mkdirSync(join(dir, '..keys'), { recursive: true });
  symlinkSync(join(dir, '..keys'), join(base, 'outside'));
  for (const keyFile of [join(dir, '..keys', 'k'), join(base, 'outside', 'k'), join(dir, '...'), dir])
    await assert.rejects(createLedger({ dir, keyFile, clock }), { code: 'key_inside' });
});

const posix = { skip: process.platform === 'win32' && 'Windows has no such permissions' };

test('a master key that others may use is refused everywhere, with the way out', posix, async (t) => {
  const place = await temporaryLedger(t);
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(place.keyFile, mode);
    const refused = { code: 'key_open', advice: new RegExp(`chmod 600 ${place.keyFile}`) };
    await assert.rejects(openLedger({ ...place, clock }), refused);
    await assert.rejects(openLedger({ ...place, clock, mode: 'read' }), refused);
    await assert.rejects(auditLedger(place), refused);
    await assert.rejects(createLedger({ ...place, dir: join(place.dir, '..', 'two'), clock }), refused);
  }
  chmodSync(place.keyFile, 0o400);
  await using ledger = await openLedger({ ...place, clock });
  assert.equal(ledger.size, 0);
});

test('an erasure in a damaged segment is refused before it is recorded, not passed over', async (t) => {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, clock });
  await ledger.append(entriesOf(0, 4));
  await ledger.append(entriesOf(4, 4));
  await ledger.upkeep.erase([6], 'seals the segment');
  const { size } = ledger;
  // The damage lies behind the entry that is to be erased.
  const path = join(layoutOf(place.dir).journal, segmentName(0));
  const bytes = readFileSync(path);
  const second = bytes.indexOf('WKF1', bytes.indexOf('WKF1') + 4);
  bytes[second + 300] = (bytes[second + 300] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(ledger.upkeep.erase([1], 'asked for'), { code: 'corrupt' });
  assert.equal(ledger.size, size);
  assert.equal((await ledger.entry(1))?.state, 'present');
});

test('a damaged segment keeps neither an expiry from its end nor the ledger shut', async (t) => {
  const place = await temporaryLedger(t);
  const later = new ManualClock(NOW + 40 * 86_400_000);
  const path = join(layoutOf(place.dir).journal, segmentName(0));
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 4));
    await ledger.append(entriesOf(4, 4));
    await ledger.upkeep.erase([0], 'seals the segment');
    await ledger.publish();
    const bytes = readFileSync(path);
    const second = bytes.indexOf('WKF1', bytes.indexOf('WKF1') + 4);
    bytes[second + 300] = (bytes[second + 300] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
  for (const expired of [['2026-11-24-telemetry'], []]) {
    await using ledger = await openLedger({ ...place, clock: later });
    assert.deepEqual((await ledger.upkeep.expire({ clockIsRight: true })).expired, expired);
    assert.equal((await ledger.entry(1))?.state, 'expired');
  }
});

test('an erasure that failed half-way is finished before the next one begins', async (t) => {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, clock });
  await ledger.append(entriesOf(0, 8));
  const blocker = `${join(layoutOf(place.dir).journal, segmentName(0))}.tmp`;
  mkdirSync(blocker);
  await assert.rejects(ledger.upkeep.erase([1], 'first'));
  rmSync(blocker, { recursive: true });
  await ledger.upkeep.erase([2], 'second');
  const states = (await readAll(ledger)).map((one) => one.state);
  assert.deepEqual(states, ['present', 'erased', 'erased', ...Array.from({ length: 7 }, () => 'present')]);
});

test('a segment that could not be begun ends the handle, so that nothing is written beside it', async (t) => {
  const place = await temporaryLedger(t);
  let visits = 0;
  const faults: Faults = (site) => {
    if (site !== 'segment-create') return null;
    visits += 1;
    return { error: Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }) };
  };
  {
    await using ledger = await openLedger({ ...place, clock, faults });
    await ledger.append(entriesOf(0, 4));
    await assert.rejects(ledger.upkeep.erase([1], 'asked for'), { code: 'disk_full' });
    assert.equal(visits, 1);
    await assert.rejects(ledger.append(entriesOf(4, 1)), { code: 'handle_dead' });
  }
  await using again = await openLedger({ ...place, clock });
  assert.equal((await again.entry(1))?.state, 'erased');
  assert.deepEqual((await auditLedger(place)).findings, []);
});

test('files of a ledger are readable by their owner alone', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 300), { marks: [markOf(1)] });
    await ledger.upkeep.erase([1], 'asked for');
  }
  const { root } = layoutOf(place.dir);
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    assert.equal(statSync(join(root, name)).mode & 0o077, 0, name);
  assert.equal(statSync(place.keyFile).mode & 0o077, 0);
});

test('the event that names removed bodies cannot be erased itself, so that they never count as lost', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 4));
    const { eventIndex } = await ledger.upkeep.erase([1], 'asked for');
    await assert.rejects(ledger.upkeep.erase([2, eventIndex], 'to hide it'), { code: 'bad_option' });
    assert.equal((await ledger.entry(2))?.state, 'present');
  }
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesErased, 1);
});

test('an anchor whose disk is not mounted stops the writer and is not made anew behind its back', async (t) => {
  const base = temporaryDirectory(t);
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  const disk = join(base, 'disk');
  const anchor = join(disk, 'wardkeep', 'anchor');
  await createLedger({ ...place, origin: 'log.test/one', anchor, clock });
  assert.ok(existsSync(anchor), 'it is there before the first entry');
  const missing = { code: 'anchor_missing', advice: /mount the disk/ };
  {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    await ledger.append(entriesOf(0, 3));
    await ledger.publish();
    renameSync(disk, `${disk} away`);
    await assert.rejects(ledger.publish(), missing);
    await ledger.append(entriesOf(3, 1));
  }
  await assert.rejects(openLedger({ ...place, clock }), missing);
  assert.ok(!existsSync(disk));
  {
    await using reader = await openLedger({ ...place, clock, mode: 'read' });
    assert.equal(reader.size, 4);
  }
  renameSync(`${disk} away`, disk);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.publish();
  }
  rmSync(disk, { recursive: true });
  {
    await using ledger = await openLedger({ ...place, clock, newAnchor: true });
    const checkpoint = await ledger.publish();
    assert.ok(readFileSync(anchor, 'utf8') === checkpoint, 'the new anchor is the checkpoint');
  }
  assert.deepEqual((await auditLedger(place)).findings, []);
});
