import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ArchiveError, openArchive } from './index.ts';
import { DAY, FakeLedger, NOW, count, eventOf, manyEvents, openOver, temporaryDirectory } from './support.fixture.ts';

const SEES = { limit: 1_000, seesPatients: true };

test('what was accepted is found at once, and again after it was sealed and after a reopening', async (t) => {
  const dir = temporaryDirectory(t);
  const ledger = new FakeLedger();
  {
    await using archive = await openOver(ledger, dir, NOW + DAY);
    archive.accept(ledger.append(manyEvents(600)));
    assert.equal(await count(archive), 600);
    await archive.seal();
    assert.deepEqual(
      { sealedTo: archive.status().sealedTo, files: archive.status().files },
      { sealedTo: 600, files: 2 },
    );
    archive.accept(ledger.append(manyEvents(6, { from: 600 })));
    assert.equal(await count(archive), 606);
  }
  await using archive = await openOver(ledger, dir);
  await archive.settled();
  const { rows } = await archive.hunt(
    'SELECT count(*), count(DISTINCT "index"), min("index"), max("index") FROM events',
    SEES,
  );
  assert.deepEqual(rows, [[606, 606, 0, 605]]);
});

test('entries that the stream did not bring are read from the ledger', async (t) => {
  const ledger = new FakeLedger();
  ledger.append(manyEvents(2_500));
  await using archive = await openOver(ledger, temporaryDirectory(t));
  ledger.append(manyEvents(10));
  archive.accept(ledger.append(manyEvents(5)));
  await archive.settled();
  assert.equal(await count(archive), 2_515);
  assert.equal(archive.status().seenTo, 2_515);
});

test('an entry without a body has no row', async (t) => {
  const ledger = new FakeLedger();
  ledger.append(manyEvents(10));
  ledger.setState(3, 'erased');
  ledger.setState(9, 'expired');
  await using archive = await openOver(ledger, temporaryDirectory(t));
  await archive.settled();
  assert.equal(await count(archive), 8);
  assert.equal(archive.status().seenTo, 10);
});

test('a receive day that goes back lands in the folder of its day, and each index stays once', async (t) => {
  const dir = temporaryDirectory(t);
  const ledger = new FakeLedger();
  await using archive = await openOver(ledger, dir);
  for (const day of [0, 1, -1, 0]) archive.accept(ledger.append(manyEvents(60, { receivedMs: NOW + day * DAY })));
  await archive.seal();
  const folders = readdirSync(join(dir, 'archive')).filter((name) => name.startsWith('day='));
  assert.deepEqual(folders.toSorted(), ['day=2026-11-23', 'day=2026-11-24', 'day=2026-11-25']);
  const { rows } = await archive.hunt('SELECT day::VARCHAR, count(*) FROM events GROUP BY day ORDER BY day', SEES);
  assert.deepEqual(rows, [
    ['2026-11-23', 60],
    ['2026-11-24', 120],
    ['2026-11-25', 60],
  ]);
});

test('a damaged file is named and passed over, the rest is found', async (t) => {
  const dir = temporaryDirectory(t);
  const ledger = new FakeLedger();
  {
    await using archive = await openOver(ledger, dir, NOW + DAY);
    archive.accept(ledger.append(manyEvents(600)));
    await archive.seal();
  }
  const folder = join(dir, 'archive', 'day=2026-11-24');
  const [first = ''] = readdirSync(folder).toSorted();
  const bytes = readFileSync(join(folder, first));
  bytes.fill(0xff, 100, bytes.length - 2_000);
  await using archive = await openOver(ledger, dir);
  writeFileSync(join(folder, first), bytes);
  const { rows, skipped } = await archive.hunt('SELECT count(*), count(json) FROM events WHERE length(json) > 0', SEES);
  assert.deepEqual(skipped, [`day=2026-11-24/${first}`]);
  assert.deepEqual(rows, [[300, 300]]);
  assert.deepEqual(archive.status().damaged, skipped);
});

test('an archive of another ledger, or one that is ahead of it, is made anew', async (t) => {
  const dir = temporaryDirectory(t);
  const ledger = new FakeLedger();
  {
    await using archive = await openOver(ledger, dir, NOW + DAY);
    archive.accept(ledger.append(manyEvents(120)));
    await archive.seal();
  }
  const shorter = new FakeLedger();
  shorter.append(manyEvents(50));
  await using archive = await openOver(shorter, dir);
  await archive.settled();
  assert.equal(await count(archive), 50);
});

test('a manifest that cannot be read stops the opening with words', async (t) => {
  const dir = temporaryDirectory(t);
  const ledger = new FakeLedger();
  await (await openOver(ledger, dir))[Symbol.asyncDispose]();
  writeFileSync(join(dir, 'archive', 'manifest.json'), '{"format":1');
  await assert.rejects(
    openOver(ledger, dir),
    (error) => error instanceof ArchiveError && error.code === 'corrupt' && error.advice?.includes('rebuild') === true,
  );
});

test('activity counts events and findings an hour, with hours of nothing', async (t) => {
  const ledger = new FakeLedger();
  await using archive = await openOver(ledger, temporaryDirectory(t));
  archive.accept(ledger.append(manyEvents(12, { receivedMs: NOW - 2 * 3_600_000 })));
  archive.accept(ledger.append(manyEvents(6)));
  const hours = await archive.activity(3);
  assert.deepEqual(
    hours.map(({ events, findings }) => [events, findings]),
    [
      [12, 2],
      [0, 0],
      [6, 1],
    ],
  );
});

test('what no calendar reaches and what is no text stops nothing', async (t) => {
  const ledger = new FakeLedger();
  await using archive = await openOver(ledger, temporaryDirectory(t));
  const odd = ['\ud800 half', 'nul \0', '\u202e turned', "'; DROP TABLE events; --"];
  const made = odd.map((message, n) => {
    const one = eventOf(1);
    Object.assign(one.event, { message, time: [1e300, -1e18, null, 'soon'][n], user: { name: message } });
    return one;
  });
  archive.accept(ledger.append(made));
  const { rows } = await archive.hunt(`SELECT time, text, json->>'$.message' FROM events ORDER BY "index"`, SEES);
  assert.deepEqual(
    rows.map(([time]) => time),
    [null, null, null, null],
  );
  assert.equal(rows[0]?.[2], '\ufffd half');
  assert.equal((await archive.events({ limit: 10 })).length, 4);
});

test('after it was closed every call is refused', async (t) => {
  const archive = await openOver(new FakeLedger(), temporaryDirectory(t));
  await archive[Symbol.asyncDispose]();
  await assert.rejects(
    archive.events({ limit: 1 }),
    (error) => error instanceof ArchiveError && error.code === 'unavailable',
  );
  assert.equal(typeof openArchive, 'function');
});
