import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import type { StoredEntry } from './index.ts';
import { openLedger } from './index.ts';
import { NOW, entriesOf, entryOf, readAll, temporaryLedger } from './support.fixture.ts';
import { leafHash } from './tlog/hash.ts';
import { RightEdge } from './tlog/right-edge.ts';

function check(stored: readonly StoredEntry[]): void {
  assert.equal(stored.length, 1500);
  stored.forEach((entry, n) => {
    const input = entryOf(n);
    assert.equal(entry.index, n);
    assert.equal(entry.state, 'present');
    assert.equal(Buffer.from(entry.normal).toString(), input.normal);
    assert.deepEqual(Buffer.from(entry.raw), Buffer.from(input.raw));
    assert.deepEqual(entry.patient === null ? null : Buffer.from(entry.patient), input.patient);
    assert.equal(entry.classUid, input.classUid);
    assert.equal(entry.retention, input.retention);
    assert.equal(entry.receivedMs, NOW - 30_000);
  });
}

test('what is appended is read back, before and after the ledger is opened again', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  let root: Buffer;
  {
    await using ledger = await openLedger({ ...place, clock });
    const results = await Promise.all([
      ledger.append(entriesOf(0, 700)),
      ledger.append(entriesOf(700, 1)),
      ledger.append(entriesOf(701, 799)),
    ]);
    assert.deepEqual(
      results.map((one) => one.firstIndex),
      [0, 700, 701],
    );
    check(await readAll(ledger));
    root = ledger.rootHash();
  }
  await using ledger = await openLedger({ ...place, clock });
  assert.equal(ledger.size, 1500);
  assert.deepEqual(ledger.rootHash(), root);
  check(await readAll(ledger));
  assert.equal(Buffer.from((await ledger.entry(777))?.normal ?? []).toString(), entryOf(777).normal);
  assert.equal(await ledger.entry(1500), null);
});

test('marks are saved with their batch and survive', async (t) => {
  const place = await temporaryLedger(t);
  const mark = { sourceId: 'a.log', headHash: 'aa', offset: 10, records: 2, prefixHash: null, state: null };
  {
    await using ledger = await openLedger({ ...place });
    assert.equal(ledger.mark('a.log'), null);
    await ledger.append(entriesOf(0, 2), { marks: [mark] });
    await ledger.append([], { marks: [{ ...mark, offset: 20 }] });
  }
  await using ledger = await openLedger({ ...place, mode: 'read' });
  assert.deepEqual(ledger.mark('a.log'), { ...mark, offset: 20 });
  assert.equal(ledger.marks().size, 1);
});
test('the root is the one that RFC 6962 gives for the leaves in the entry bundles', async (t) => {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, publishEveryMs: 0 });
  await ledger.append(entriesOf(0, 600));
  await ledger.publish();
  const { decodeEntryBundle, entryBundlePath } = await import('./tlog/tiles.ts');
  const { readTreeFile } = await import('./tree-files.ts');
  const edge = RightEdge.restore(0, Buffer.alloc(0));
  for (const path of [entryBundlePath(0), entryBundlePath(1), entryBundlePath(2, 88)]) {
    const bundle = readTreeFile(join(place.dir, 'ledger', 'tree'), path);
    assert.ok(bundle !== null);
    for (const leaf of decodeEntryBundle(bundle)) edge.append(leafHash(leaf));
  }
  assert.equal(edge.size, 600);
  assert.deepEqual(edge.root(), ledger.rootHash());
});
