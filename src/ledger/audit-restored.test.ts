import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import type { Faults } from './index.ts';
import { auditLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { NOW, entriesOf, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const DAY = 86_400_000;

/** A ledger of several segments and a backup of it, taken before anything was removed. */
async function backedUp(
  t: { after: (done: () => void) => void },
  clock: ManualClock,
): Promise<Place & { backup: string }> {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, clock, segmentBytes: 1_500 });
  for (let from = 0; from < 20; from += 5) await ledger.append(entriesOf(from, 5));
  const backup = temporaryDirectory(t);
  cpSync(join(place.dir, 'ledger'), backup, { recursive: true });
  return { ...place, backup };
}

/** Puts the journal segments of the backup back, and its day keys when asked for; gives the names of the segments. */
function restore({ dir, backup }: { dir: string; backup: string }, what: { keys: boolean }): string[] {
  // The last one was growing when the backup was taken: restored, it would cut off what came after.
  const segments = readdirSync(join(backup, 'journal')).toSorted().slice(0, -1);
  for (const name of segments) cpSync(join(backup, 'journal', name), join(dir, 'ledger', 'journal', name));
  if (what.keys) cpSync(join(backup, 'keys'), join(dir, 'ledger', 'keys'), { recursive: true });
  return segments;
}

test('an erased body that an old segment brings back is found, and a new erasure mends it', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await backedUp(t, clock);
  {
    await using ledger = await openLedger({ ...place, clock });
    assert.equal((await ledger.upkeep.erase([1, 2], 'asked for by the patient')).eventIndex, 20);
  }
  const before = await auditLedger(place);
  assert.deepEqual(before.findings, []);
  const [segment] = restore(place, { keys: false });
  const { dir, keyFile } = place;
  const report = await auditLedger({ dir, keyFile });
  assert.equal(report.good, false);
  assert.equal(report.firstBadIndex, 1);
  assert.equal(report.findingCount, 2);
  assert.match(
    report.findings[0]?.reason ?? '',
    new RegExp(`erased by entry 20 but present in segment ${segment}.*erase`),
  );
  assert.equal(report.bodiesVerified, before.bodiesVerified);
  {
    await using ledger = await openLedger({ dir, keyFile, clock });
    await ledger.upkeep.erase([1, 2], 'again, after a restored backup');
  }
  const mended = await auditLedger({ dir, keyFile });
  assert.deepEqual(mended.findings, []);
  assert.equal(mended.bodiesErased, 2);
});

test('expired bodies that come back with their key are found, and retention mends it', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await backedUp(t, clock);
  const { dir, keyFile } = place;
  clock.advance(40 * DAY);
  {
    await using ledger = await openLedger({ dir, keyFile, clock });
    assert.deepEqual((await ledger.upkeep.expire({ clockIsRight: true })).expired, ['2026-11-24-telemetry']);
  }
  restore(place, { keys: false });
  assert.deepEqual((await auditLedger({ dir, keyFile })).findings, [], 'without their key they stay gone');
  restore(place, { keys: true });
  const report = await auditLedger({ dir, keyFile });
  assert.equal(report.findingCount, 1);
  assert.match(report.findings[0]?.reason ?? '', /2026-11-24-telemetry expired by entry 20.*retention --apply/);
  {
    await using ledger = await openLedger({ dir, keyFile, clock });
    await ledger.upkeep.expire({ clockIsRight: true });
  }
  assert.deepEqual((await auditLedger({ dir, keyFile })).findings, []);
});

test('an erasure that is recorded and not finished is a note, no finding', async (t) => {
  const clock = new ManualClock(NOW);
  const { dir, keyFile } = await backedUp(t, clock);
  let steps = 0;
  const faults: Faults = (site) => (site === 'upkeep-step' && (steps += 1) === 3 ? { error: new Error('cut') } : null);
  {
    await using ledger = await openLedger({ dir, keyFile, clock, faults });
    await assert.rejects(ledger.upkeep.erase([1], 'r'), /cut/);
  }
  const report = await auditLedger({ dir, keyFile });
  assert.deepEqual(report.findings, []);
  assert.match(report.notes.join(), /erasure of entry 1 is not finished/);
});
