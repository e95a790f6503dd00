import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import type { Faults } from './index.ts';
import { auditLedger, openLedger } from './index.ts';
import { readDurableEnd } from './durable-end.ts';
import { layoutOf } from './layout.ts';
import { Store } from './store.ts';
import type { Place } from './support.fixture.ts';
import { NOW, entriesOf, entryOf, readAll, temporaryLedger } from './support.fixture.ts';

const clock = new ManualClock(NOW);
const SEGMENT_BYTES = 20_000;

/** A reader's view, without a turn of the event loop. */
function snapshot(place: Place): Store {
  return new Store({ ...place, repair: false, world: { clock, random: systemRandom, log: silentLog } });
}

function markOf(records: number): { sourceId: string; offset: number; records: number } {
  return { sourceId: 'source', offset: records, records };
}

async function fill(place: Place, batches: number): Promise<void> {
  await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0, segmentBytes: SEGMENT_BYTES });
  for (let batch = 0; batch < batches; batch += 1) {
    const mark = { ...markOf((batch + 1) * 20), headHash: '', prefixHash: null, state: null };
    await ledger.append(entriesOf(batch * 20, 20), { marks: [mark] });
  }
}

test('a full segment is followed by a new one, and nothing shows it to who reads', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, 60);
  const segments = readdirSync(layoutOf(place.dir).journal);
  assert.ok(segments.length >= 5, `${segments.length} segments`);
  await using ledger = await openLedger({ ...place, clock, segmentBytes: SEGMENT_BYTES });
  const stored = await readAll(ledger);
  assert.equal(stored.length, 1200);
  stored.forEach((one, n) => assert.equal(Buffer.from(one.normal).toString(), entryOf(n).normal));
  for (const index of [0, 399, 400, 401, 1199]) assert.equal((await ledger.entry(index))?.index, index);
  await ledger.upkeep.erase([3, 700, 1199], 'test');
  assert.equal((await ledger.entry(700))?.state, 'erased');
  await ledger.publish();
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesErased, 3);
});

test('an opening reads the last segment and replays only what is behind the checkpoint', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, 60);
  const { journal } = layoutOf(place.dir);
  const sizes = readdirSync(journal).map((name) => statSync(join(journal, name)).size);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const published = snapshot(place).recovered;
  assert.equal(published.replayedFrames, 0);
  assert.ok(published.readBytes <= (sizes.at(-1) ?? 0), `${published.readBytes} of ${all} bytes`);
  assert.ok(published.readBytes < all / 4);
  let behind = { replayedFrames: 0, readBytes: 0 };
  {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0, segmentBytes: 10 * SEGMENT_BYTES });
    for (let batch = 0; batch < 3; batch += 1) await ledger.append(entriesOf(1200 + batch * 20, 20));
    behind = snapshot(place).recovered;
  }
  assert.equal(behind.replayedFrames, 3);
  assert.ok(behind.readBytes < all / 4);
  assert.equal(snapshot(place).marks.get('source')?.records, 1200);
});

test('a reader beside a writer never sees a batch before its sync has ended', async (t) => {
  const place = await temporaryLedger(t);
  let acknowledged = 0;
  let looks = 0;
  const faults: Faults = (site) => {
    // The batch has been written and is about to be synced.
    if (site !== 'journal-sync') return null;
    const store = snapshot(place);
    assert.equal(store.head.size, acknowledged);
    assert.equal([...store.reader.frames(0, Number.MAX_SAFE_INTEGER)].length, looks);
    looks += 1;
    return null;
  };
  {
    await using ledger = await openLedger({ ...place, clock, publishEveryMs: 0, faults, segmentBytes: 3_000 });
    for (let batch = 0; batch < 12; batch += 1) {
      acknowledged = (await ledger.append(entriesOf(batch * 5, 5))).size;
      assert.equal(snapshot(place).head.size, acknowledged);
    }
  }
  assert.equal(looks, 12);
  assert.ok(readdirSync(layoutOf(place.dir).journal).length > 1);
  assert.equal(snapshot(place).head.size, 60);
});

test('without the word of a writer of this run of the system, whole frames count', async (t) => {
  const place = await temporaryLedger(t);
  await fill(place, 2);
  const { durable } = layoutOf(place.dir);
  const { writeFileSync, readFileSync } = await import('node:fs');
  const bytes = readFileSync(durable);
  assert.notEqual(readDurableEnd(durable), null);
  for (const other of [Buffer.alloc(0), Buffer.alloc(56), bytes.subarray(0, 20), Buffer.alloc(bytes.length, 1)]) {
    writeFileSync(durable, other);
    assert.equal(readDurableEnd(durable), null);
    assert.equal(snapshot(place).head.size, 40);
  }
});
