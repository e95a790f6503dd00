import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import { openArchive } from './archive.ts';
import { DAY, FakeLedger, type Made, NOW, count, manyEvents, temporaryDirectory } from './support.fixture.ts';
import type { Archive } from './types.ts';

function open(ledger: FakeLedger, dir: string, nowMs: number): Promise<Archive> {
  return openArchive({
    dir,
    origin: 'log.test/one',
    readFrom: (from, to) => ledger.read(from, to),
    ledgerSize: () => ledger.entries.length,
    nowMs,
    clock: new ManualClock(nowMs),
  });
}

function erasure(indexes: number[]): Made {
  return {
    receivedMs: NOW,
    classUid: 3004,
    retention: 'record',
    event: {
      class_uid: 3004,
      time: NOW,
      message: 'ledger: erasure',
      entity: { name: 'ledger', data: { indexes, reason: 'asked for' } },
      metadata: { log_name: 'wardkeep-ledger', event_code: 'erasure' },
    },
  };
}

/** All bytes of the archive's files, as text. */
function everything(dir: string): string {
  return readdirSync(join(dir, 'archive'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'manifest.json')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

async function indexes(archive: Archive): Promise<number[]> {
  const { rows } = await archive.hunt('SELECT "index" FROM events ORDER BY 1', { limit: 10_000, seesPatients: true });
  return rows.map(([index]) => Number(index));
}

test('a file goes when the ledger has expired its class, and stays while a hold keeps the bodies', async (t) => {
  const ledger = new FakeLedger();
  const dir = temporaryDirectory(t);
  await using archive = await open(ledger, dir, NOW + 40 * DAY);
  archive.accept(ledger.append(manyEvents(60)));
  archive.accept(ledger.append(manyEvents(60, { receivedMs: NOW + DAY })));
  await archive.seal();
  for (const { index, retention } of ledger.entries)
    if (index < 60 && retention === 'telemetry') ledger.setState(index, 'expired');
  await archive.applyRetention();
  assert.equal(await count(archive), 90);
  assert.equal(await count(archive, 'network'), 20);
  assert.equal(archive.status().files, 3);
  await archive.applyRetention();
  assert.equal(archive.status().files, 3);
});

test('an erased entry leaves files, index and live tail, and nothing else does', async (t) => {
  const ledger = new FakeLedger();
  const dir = temporaryDirectory(t);
  const clues = ['Zebedee-one', 'Zebedee-two'];
  const sealed = manyEvents(60);
  Object.assign(sealed[7]?.event ?? {}, { user: { name: clues[0] } });
  const live = manyEvents(30, { from: 60 });
  Object.assign(live[7]?.event ?? {}, { user: { name: clues[1] } });
  await using archive = await open(ledger, dir, NOW + DAY);
  archive.accept(ledger.append(sealed));
  await archive.seal();
  archive.accept(ledger.append(live));
  assert.equal((await archive.events({ user: clues[0] ?? '', limit: 10 })).length, 1);
  assert.ok(everything(dir).toLowerCase().includes('zebedee-one'));
  ledger.setState(7, 'erased');
  ledger.setState(67, 'erased');
  archive.accept(ledger.append([erasure([7, 67, 8])]));
  await archive.applyRetention();
  const all = ledger.entries.map(({ index }) => index).filter((index) => index !== 7 && index !== 67);
  assert.deepEqual(await indexes(archive), all, 'entry 8 is named, but the ledger has it still');
  assert.ok(!everything(dir).toLowerCase().includes('zebedee-one'));
  for (const user of clues) assert.equal((await archive.events({ user, limit: 10 })).length, 0);
});

test('an erasure that was seen before a restart is applied after it', async (t) => {
  const ledger = new FakeLedger();
  const dir = temporaryDirectory(t);
  {
    await using archive = await open(ledger, dir, NOW + DAY);
    archive.accept(ledger.append([...manyEvents(30), erasure([4])]));
    await archive.seal();
  }
  ledger.setState(4, 'erased');
  await using archive = await open(ledger, dir, NOW + DAY);
  assert.equal(await count(archive), 31);
  await archive.applyRetention();
  assert.equal(await count(archive), 30);
});

test('a damaged file is made again from the ledger', async (t) => {
  const ledger = new FakeLedger();
  const dir = temporaryDirectory(t);
  {
    await using archive = await open(ledger, dir, NOW + DAY);
    archive.accept(ledger.append(manyEvents(60)));
    archive.accept(ledger.append(manyEvents(60, { receivedMs: NOW - DAY })));
    await archive.seal();
  }
  const folder = join(dir, 'archive', 'day=2026-11-24');
  for (const name of readdirSync(folder)) if (name.endsWith('.parquet')) writeFileSync(join(folder, name), 'short');
  await using archive = await open(ledger, dir, NOW + DAY);
  assert.equal(await count(archive), 60);
  assert.equal(archive.status().damaged.length, 2);
  await archive.applyRetention();
  assert.deepEqual(archive.status().damaged, []);
  assert.deepEqual(
    await indexes(archive),
    Array.from({ length: 120 }, (_one, n) => n),
  );
});
