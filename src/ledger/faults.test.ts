import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManualClock } from '#kernel';
import { byForm } from '../../test/support/shared.ts';
import type { FaultSite, Faults } from './index.ts';
import { auditLedger, createLedger, openLedger } from './index.ts';
import { NOW, entriesOf, readAll, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const clock = new ManualClock(NOW);

function journalFile(dir: string): string {
  const journal = join(dir, 'ledger', 'journal');
  return join(journal, readdirSync(journal).toSorted().at(-1) ?? '');
}

/** A disk that fails at the n-th visit of a site, after some bytes. */
function failingAt(site: FaultSite, visit: number, code: string): Faults {
  let visits = 0;
  return (at) => {
    if (at !== site) return null;
    visits += 1;
    return visits === visit ? { error: Object.assign(new Error(code), { code }), writtenBytes: 37 } : null;
  };
}

for (const [site, code, wanted] of [
  ['journal-write', 'ENOSPC', 'disk_full'],
  ['journal-write', 'EIO', 'write_failed'],
  ['journal-sync', 'EIO', 'write_failed'],
] as const) {
  test(`${code} at ${site} ends the handle, and what was acknowledged is there afterwards`, async (t) => {
    const place = await temporaryLedger(t);
    {
      await using ledger = await openLedger({ ...place, clock, faults: failingAt(site, 3, code) });
      await ledger.append(entriesOf(0, 5));
      await ledger.append(entriesOf(5, 5));
      const failing = [ledger.append(entriesOf(10, 1)), ledger.append(entriesOf(11, 1))];
      await assert.rejects(failing[0] ?? Promise.resolve(), { code: wanted });
      await assert.rejects(failing[1] ?? Promise.resolve(), { code: wanted });
      await assert.rejects(ledger.append(entriesOf(12, 1)), { code: 'handle_dead' });
      assert.equal(ledger.size, 10);
    }
    await using ledger = await openLedger({ ...place, clock });
    // After a failed sync the batch may be whole on disk; it was never acknowledged, and the marks tell.
    assert.ok(ledger.size === 10 || (site === 'journal-sync' && ledger.size === 12));
    await ledger.append(entriesOf(ledger.size, 3));
    assert.equal((await readAll(ledger)).length, ledger.size);
  });
}

test('a failed publication leaves the published tree as it was, and the next one succeeds', async (t) => {
  const place = await temporaryLedger(t);
  for (const site of ['tile-write', 'checkpoint-write'] as const) {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0, faults: failingAt(site, 1, 'ENOSPC') });
    await ledger.append(entriesOf(0, 300));
    await assert.rejects(ledger.publish(), { code: 'disk_full' });
    await ledger.publish();
  }
  assert.deepEqual((await auditLedger(place)).findings, []);
});

test('a real full disk gives an error with advice, and the ledger opens again afterwards', async (t) => {
  const base = temporaryDirectory(t);
  const disk = join(base, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('no right to mount a small file system');
    return;
  }
  try {
    const place = { dir: join(disk, 'data'), keyFile: join(base, 'key') };
    await createLedger({ ...place, origin: 'log.test/full', clock });
    let acknowledged = 0;
    {
      await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
      const fill = async (): Promise<void> => {
        for (;;) acknowledged = (await ledger.append(entriesOf(acknowledged, 500))).size;
      };
      await assert.rejects(fill(), { code: 'disk_full' });
    }
    {
      await using ledger = await openLedger({ ...place, mode: 'read' });
      assert.equal(ledger.size, acknowledged);
      assert.equal((await readAll(ledger)).length, acknowledged);
    }
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(acknowledged, 10));
    await ledger.publish();
    assert.deepEqual((await auditLedger(place)).findings, []);
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a last frame torn at any byte is dropped, and the ledger goes on', async (t) => {
  const place = await temporaryLedger(t);
  let before: number;
  {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    await ledger.append(entriesOf(0, 4));
    await ledger.publish();
    before = statSync(journalFile(place.dir)).size;
    await ledger.append(entriesOf(4, 2));
    cpSync(place.dir, `${place.dir}-whole`, { recursive: true });
  }
  t.after(() => rmSync(`${place.dir}-whole`, { recursive: true, force: true }));
  const after = statSync(journalFile(`${place.dir}-whole`)).size;
  const step = byForm({ quick: 171, ordinary: 23, long: 1 });
  for (let length = before; length < after; length += step) {
    rmSync(place.dir, { recursive: true });
    cpSync(`${place.dir}-whole`, place.dir, { recursive: true });
    truncateSync(journalFile(place.dir), length);
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    assert.equal(ledger.size, 4);
    await ledger.append(entriesOf(4, 1));
    assert.equal((await readAll(ledger)).length, 5);
  }
});

test('a damaged batch in front of a good one stops the opening and changes nothing', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    await ledger.append(entriesOf(0, 4));
    await ledger.append(entriesOf(4, 4));
  }
  rmSync(join(place.dir, 'ledger', 'tree', 'tile'), { recursive: true });
  const path = journalFile(place.dir);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('WKF1') + 120;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(openLedger({ ...place, clock }), { code: 'corrupt' });
  assert.deepEqual(readFileSync(path), bytes);
});

test('missing tiles are built again from the journal', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 700));
  }
  rmSync(join(place.dir, 'ledger', 'tree', 'tile'), { recursive: true });
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(700, 1));
  }
  assert.deepEqual((await auditLedger(place)).findings, []);
});

test('the key: missing, wrong, without form, and inside the data directory', async (t) => {
  const place = await temporaryLedger(t);
  const base = temporaryDirectory(t);
  await createLedger({ dir: join(base, 'other'), keyFile: join(base, 'wrong'), origin: 'log.test/other' });
  await assert.rejects(openLedger({ ...place, keyFile: join(base, 'none') }), { code: 'key_missing' });
  await assert.rejects(openLedger({ ...place, keyFile: join(base, 'wrong') }), { code: 'key_wrong' });
  writeFileSync(join(base, 'formless'), 'abc');
  await assert.rejects(openLedger({ ...place, keyFile: join(base, 'formless') }), { code: 'key_wrong' });
  await assert.rejects(openLedger({ ...place, keyFile: join(place.dir, 'key') }), { code: 'key_inside' });
  await assert.rejects(createLedger({ dir: join(base, 'third'), keyFile: join(base, 'third', 'key') }), {
    code: 'key_inside',
  });
  assert.equal(existsSync(join(base, 'third')), false);
  assert.equal(statSync(place.keyFile).mode & 0o777, 0o600);
  const report = await auditLedger({ dir: place.dir, keyFile: join(base, 'wrong') });
  assert.equal(report.good, true);
  assert.equal(report.bodiesChecked, false);
});

test('a file of a newer format is refused with words', async (t) => {
  const place = await temporaryLedger(t);
  const manifest = join(place.dir, 'ledger', 'ledger.json');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace('"format": 1', '"format": 2'));
  await assert.rejects(openLedger(place), { code: 'newer_format', message: /has format 2; this version knows 1/ });
  writeFileSync(manifest, text);
  const path = journalFile(place.dir);
  const bytes = readFileSync(path);
  bytes.writeUInt16BE(2, 8);
  const { crc32 } = await import('node:zlib');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  writeFileSync(path, bytes);
  await assert.rejects(openLedger(place), { code: 'newer_format' });
});

test('a second writer is refused with the pid of the first, also from another process; readers go beside it', async (t) => {
  const place = await temporaryLedger(t);
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('kill.child.ts', import.meta.url)), place.dir, place.keyFile],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => child.on('close', resolve));
  for (let said = ''; !/\d\n/.test(said);) {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    said += chunk.toString();
  }
  await assert.rejects(openLedger(place), { code: 'locked', message: new RegExp(`pid ${child.pid}`) });
  {
    await using reader = await openLedger({ ...place, mode: 'read' });
    assert.ok(reader.size > 0);
    await assert.rejects(reader.append([]), { code: 'read_only' });
  }
  child.kill('SIGKILL');
  await ended;
  await using ledger = await openLedger(place);
  await assert.rejects(openLedger(place), { code: 'locked' });
  assert.ok(ledger.size > 0);
});

test('a clock that goes backwards over days changes nothing but the days', async (t) => {
  const place = await temporaryLedger(t);
  const moving = new ManualClock(NOW);
  await using ledger = await openLedger({ ...place, clock: moving });
  await ledger.append(entriesOf(0, 3));
  moving.set(NOW - 3 * 86_400_000);
  await Promise.all([ledger.append(entriesOf(3, 3)), ledger.append(entriesOf(6, 3), { receivedMs: NOW + 86_400_000 })]);
  const stored = await readAll(ledger);
  assert.deepEqual(
    stored.map((one) => Math.round((one.receivedMs - NOW + 30_000) / 86_400_000)),
    [0, 0, 0, -3, -3, -3, 1, 1, 1],
  );
  await ledger.publish();
  assert.deepEqual((await auditLedger(place)).findings, []);
});
