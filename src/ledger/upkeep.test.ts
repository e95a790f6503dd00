import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import { auditLedger, createLedger, openLedger } from './index.ts';
import { NOW, entriesOf, readAll, temporaryDirectory, temporaryLedger } from './support.fixture.ts';
import { writePending } from './pending.ts';
import { Store } from './store.ts';
import { silentLog, systemRandom } from '#kernel';
import { verifyReceipt } from './tlog/verify-receipt.ts';
import { parseVkey } from './tlog/keys.ts';

const DAY = 86_400_000;

test('an erased body is gone from disk and reported as erased, its neighbours stay', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 20));
    const root = ledger.rootHash();
    const { eventIndex } = await ledger.upkeep.erase([4, 9], 'asked for by the patient');
    assert.equal(eventIndex, 20);
    const stored = await readAll(ledger);
    assert.deepEqual(
      stored.map((one) => one.state === 'erased'),
      stored.map((_one, n) => n === 4 || n === 9),
    );
    assert.notDeepEqual(ledger.rootHash(), root);
  }
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesErased, 2);
  assert.equal(report.bodiesVerified, 19);
});

test('an erasure that a crash interrupted is finished at the next opening, once', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 6));
  }
  const world = { clock, random: systemRandom, log: silentLog };
  writePending(new Store({ ...place, repair: false, world }), { kind: 'erase', uid: 'u-1', indexes: [2], reason: 'r' });
  for (let opening = 0; opening < 2; opening += 1) {
    await using ledger = await openLedger({ ...place, clock });
    assert.equal(ledger.size, 7);
    assert.equal((await ledger.entry(2))?.state, 'erased');
  }
});

test('an expired class loses its bodies and its key, a hold stops it', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 12));
    clock.advance(40 * DAY);
    await ledger.upkeep.placeHold({ name: 'case 7', fromDay: null, toDay: null });
    assert.deepEqual(await ledger.upkeep.expire({ clockIsRight: true }), {
      expired: [],
      held: ['2026-11-24-telemetry'],
    });
    await assert.rejects(ledger.upkeep.erase([1], 'x'), { code: 'held' });
    await ledger.upkeep.releaseHold('case 7');
    assert.deepEqual((await ledger.upkeep.expire({ clockIsRight: true })).expired, ['2026-11-24-telemetry']);
    const stored = await readAll(ledger);
    assert.ok(
      stored.slice(0, 12).every((one) => one.state === (one.retention === 'telemetry' ? 'expired' : 'present')),
    );
  }
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesExpired, 8);
  await using again = await openLedger({ ...place, clock });
  assert.equal((await again.entry(1))?.state, 'expired');
});

function verdict(receipt: string, keys: readonly string[], openings: string | null = null): string {
  return verifyReceipt({ receipt, openings, trust: { keys: keys.map(parseVkey) } }).outcome;
}

test('receipts from before a rotation verify under the old keys, later ones under the new', async (t) => {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, clock: new ManualClock(NOW) });
  await ledger.append(entriesOf(0, 5));
  const before = await ledger.prove(2, { open: ['normal'] });
  const [old] = ledger.manifest.signing;
  const { vkeys } = await ledger.upkeep.rotate();
  await ledger.append(entriesOf(5, 1));
  const after = await ledger.prove(6);
  const oldKeys = [old?.ed25519 ?? '', old?.mldsa ?? ''];
  assert.equal(verdict(before.proof, oldKeys, before.openings), 'good');
  assert.equal(verdict(after.proof, vkeys), 'good');
  assert.equal(verdict(after.proof, oldKeys), 'undecidable');
  assert.equal(readdirSync(join(place.dir, 'ledger', 'keys')).filter((name) => name.startsWith('signing')).length, 1);
});

test('a closed log takes nothing more, and its successor names it in its first entry', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  await using ledger = await openLedger({ ...place, clock });
  await ledger.append(entriesOf(0, 3));
  const checkpoint = await ledger.upkeep.close('log.test/two');
  await assert.rejects(ledger.append(entriesOf(3, 1)), { code: 'log_closed' });
  const base = temporaryDirectory(t);
  const next = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...next, origin: 'log.test/two', predecessor: { origin: ledger.origin, checkpoint }, clock });
  await using successor = await openLedger({ ...next, clock });
  const first = JSON.parse(Buffer.from((await successor.entry(0))?.normal ?? []).toString());
  assert.equal(first.entity.data.predecessor, 'log.test/one');
  assert.equal(first.entity.data.checkpoint, checkpoint);
  assert.equal(readFileSync(join(place.dir, 'ledger', 'tree', 'checkpoint'), 'utf8'), checkpoint);
});

test('a clock far ahead of the newest entry destroys no key until somebody says that it is right', async (t) => {
  const place = await temporaryLedger(t);
  const clock = new ManualClock(NOW);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append(entriesOf(0, 12));
  }
  clock.advance(400 * DAY);
  await using ledger = await openLedger({ ...place, clock });
  // What the ledger records by the wrong clock itself must not speak for it.
  await ledger.upkeep.setRetention({ telemetry: 20 });
  const refused = { code: 'clock_ahead', message: /2026-11-24/, advice: /--clock-is-right/ };
  await assert.rejects(ledger.upkeep.expire(), refused);
  assert.equal((await ledger.entry(1))?.state, 'present');
  // An entry of these days shows that time has gone on.
  await ledger.append(entriesOf(13, 1));
  assert.deepEqual((await ledger.upkeep.expire()).expired, ['2026-11-24-telemetry']);
});
