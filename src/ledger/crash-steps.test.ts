import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import { byForm } from '../../test/support/shared.ts';
import type { Faults, Ledger, StoredEntry } from './index.ts';
import { auditLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { NOW, entriesOf, readAll, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const DAY = 86_400_000;
/** One in so many of the crashes is recovered from. */
const COPIES_EVERY = byForm({ quick: 3, ordinary: 1, long: 1 });

/** What the disk shows where a crash falls at each operation and behind each step of `work`: a copy of the directory. */
async function crashes(
  t: { after: (done: () => void) => void },
  place: Place,
  options: { clock: ManualClock; work: (ledger: Ledger) => Promise<unknown> },
): Promise<(Place & { site: string })[]> {
  const base = temporaryDirectory(t);
  const copies: (Place & { site: string })[] = [];
  let watching = false;
  const faults: Faults = (site) => {
    if (!watching) return null;
    const dir = join(base, String(copies.length));
    cpSync(place.dir, dir, { recursive: true });
    copies.push({ dir, keyFile: place.keyFile, site: `${site} ${copies.length}` });
    return null;
  };
  await using ledger = await openLedger({ ...place, clock: options.clock, publishEveryMs: 0, faults });
  await ledger.append(entriesOf(20, 6));
  watching = true;
  await options.work(ledger);
  watching = false;
  // The first two and the last are always among them: what nothing or all of the work left.
  return copies.filter((_copy, n) => n < 2 || n === copies.length - 1 || n % COPIES_EVERY === 0);
}

async function filled(t: { after: (done: () => void) => void }, clock: ManualClock): Promise<Place> {
  const place = await temporaryLedger(t);
  for (let from = 0; from < 20; from += 5) {
    // Small segments, so that the work has several to rewrite.
    await using ledger = await openLedger({ ...place, clock, segmentBytes: 1_500 });
    await ledger.append(entriesOf(from, 3));
    await ledger.append(entriesOf(from + 3, 2));
  }
  return place;
}

function namesOf(stored: readonly StoredEntry[]): string[] {
  return stored
    .filter((one) => one.classUid === 3004 && one.state === 'present')
    .map((one) => Buffer.from(one.normal).toString())
    .filter((text) => text.includes('wardkeep-ledger'));
}

test('an erasure is whole after a crash at any of its steps, and recorded once', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  const copies = await crashes(t, place, { clock, work: (ledger) => ledger.upkeep.erase([1, 6, 22], 'test') });
  assert.ok(
    copies.filter(({ site }) => site.startsWith('upkeep-step')).length >= 6 / COPIES_EVERY,
    JSON.stringify(copies),
  );
  for (const { site, ...copy } of copies) {
    {
      await using ledger = await openLedger({ ...copy, clock, publishEveryMs: 0 });
      const stored = await readAll(ledger);
      assert.equal(stored.length, 27, site);
      const erased = stored.filter((one) => one.state === 'erased').map((one) => one.index);
      assert.deepEqual(erased, [1, 6, 22], site);
      assert.equal(namesOf(stored).length, 1, site);
    }
    const report = await auditLedger(copy);
    assert.deepEqual(report.findings, [], site);
    assert.equal(report.bodiesErased, 3, site);
  }
});

test('an expiry is whole after a crash at any of its steps, also between the two writes of a key', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  clock.advance(40 * DAY);
  const copies = await crashes(t, place, { clock, work: (ledger) => ledger.upkeep.expire({ clockIsRight: true }) });
  const [first] = copies;
  assert.ok(first !== undefined && copies.length >= 8 / COPIES_EVERY);
  const halfDestroyed = { ...first, dir: `${first.dir}-half`, site: 'half a key' };
  cpSync(first.dir, halfDestroyed.dir, { recursive: true });
  const keyFile = join(halfDestroyed.dir, 'ledger', 'keys', '2026-11-24-telemetry.json');
  writeFileSync(keyFile, Buffer.alloc(statSync(keyFile).size));
  for (const { site, ...copy } of [...copies, halfDestroyed]) {
    {
      await using ledger = await openLedger({ ...copy, clock, publishEveryMs: 0 });
      const stored = await readAll(ledger);
      const old = stored.slice(0, 20);
      assert.ok(
        old.every((one) => one.state === (one.retention === 'telemetry' ? 'expired' : 'present')),
        site,
      );
      assert.ok(
        stored.slice(20).every((one) => one.state === 'present'),
        site,
      );
      assert.equal(namesOf(stored).length, 1, site);
      assert.deepEqual(await ledger.upkeep.expire({ clockIsRight: true }), { expired: [], held: [] }, site);
    }
    assert.deepEqual((await auditLedger(copy)).findings, [], site);
  }
});

test('a rotation of keys is undone or whole after a crash at any of its steps', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  const copies = await crashes(t, place, { clock, work: (ledger) => ledger.upkeep.rotate() });
  const outcomes = new Set<number>();
  for (const { site, ...copy } of copies) {
    {
      await using ledger = await openLedger({ ...copy, clock, publishEveryMs: 0 });
      const { signing } = ledger.manifest;
      outcomes.add(signing.length);
      assert.equal(signing.filter((one) => one.retiredMs === null).length, 1, site);
      assert.equal(namesOf(await readAll(ledger)).length, signing.length - 1, site);
      const keys = readdirSync(join(copy.dir, 'ledger', 'keys')).filter((name) => name.startsWith('signing'));
      if (signing.length === 2) assert.deepEqual(keys, ['signing-2.json'], site);
      await ledger.append(entriesOf(0, 1));
      await ledger.publish();
      await ledger.upkeep.rotate();
    }
    assert.deepEqual((await auditLedger(copy)).findings, [], site);
  }
  assert.deepEqual(outcomes, new Set([1, 2]));
});

test('a hold stands or does not after a crash at any of its steps, and placing it again is whole', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  const hold = { name: 'case 7', fromDay: null, toDay: null };
  const copies = await crashes(t, place, { clock, work: (ledger) => ledger.upkeep.placeHold(hold) });
  const recorded = new Set<string>();
  for (const { site, ...copy } of copies) {
    {
      await using ledger = await openLedger({ ...copy, clock, publishEveryMs: 0 });
      // The hold stands first: a crash may leave it without its event, and never the event without it.
      const [stands, named] = [ledger.manifest.holds.length, namesOf(await readAll(ledger)).length];
      recorded.add(`${stands} ${named}`);
      assert.ok(stands >= named, site);
      if (stands === 1) await assert.rejects(ledger.upkeep.erase([1], 'r'), { code: 'held' }, site);
      await ledger.upkeep.placeHold(hold);
      assert.deepEqual(
        ledger.manifest.holds.map(({ name }) => name),
        ['case 7'],
        site,
      );
      assert.equal(namesOf(await readAll(ledger)).length, named + 1, site);
    }
    assert.deepEqual((await auditLedger(copy)).findings, [], site);
  }
  assert.ok(recorded.has('1 0') && recorded.has('1 1'), [...recorded].join());
});

test('the end of a log is whole or can be done again after a crash at any of its steps', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  const copies = await crashes(t, place, { clock, work: (ledger) => ledger.upkeep.close('log.test/two') });
  const outcomes = new Set<boolean>();
  for (const { site, ...copy } of copies) {
    {
      await using ledger = await openLedger({ ...copy, clock, publishEveryMs: 0 });
      outcomes.add(ledger.manifest.closed !== null);
      await ledger.upkeep.close('log.test/two');
      await assert.rejects(ledger.append(entriesOf(0, 1)), { code: 'log_closed' }, site);
      assert.equal(ledger.manifest.closed?.size, ledger.size, site);
      const last = (await readAll(ledger)).at(-1);
      assert.match(Buffer.from(last?.normal ?? []).toString(), /log_closed/, site);
    }
    const report = await auditLedger(copy);
    assert.deepEqual([report.findings, report.checkpointSize], [[], report.size], site);
  }
  assert.deepEqual(outcomes, new Set([true, false]));
});

test('work that failed half way is finished by the next work of the same handle', async (t) => {
  const clock = new ManualClock(NOW);
  const place = await filled(t, clock);
  let steps = 0;
  const faults: Faults = (site) => (site === 'upkeep-step' && (steps += 1) === 4 ? { error: new Error('cut') } : null);
  await using ledger = await openLedger({ ...place, clock, faults });
  await assert.rejects(ledger.upkeep.erase([1, 6], 'first'), /cut/);
  await ledger.upkeep.erase([2], 'second');
  const erased = (await readAll(ledger)).filter((one) => one.state === 'erased').map((one) => one.index);
  assert.deepEqual(erased, [1, 2, 6]);
  rmSync(place.dir, { recursive: true, force: true });
});
