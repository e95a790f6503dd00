import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openArchive } from '#archive';
import { type Ledger, createLedger, openLedger } from '#ledger';
import type { EventFilter } from './event-filter.ts';
import { findEvents } from './find-events.ts';
import { openSealed } from './find-sealed.ts';

const NOTHING: EventFilter = {
  sinceMs: undefined,
  untilMs: undefined,
  classUid: undefined,
  user: undefined,
  patient: undefined,
  ip: undefined,
  text: undefined,
};
const START = Date.UTC(2026, 10, 24);
const MANY = 1_600;

/** Users by name, id and address, also beside each other; patients with and without authority; hosts in place of addresses. */
function entryOf(n: number) {
  const isLogin = n % 3 !== 0;
  const user = {
    name: `User${n % 40}`,
    ...(n % 5 === 0 ? { uid: `S-1-5-${n % 7}`, email_addr: `u${n % 11}@h.org` } : {}),
  };
  const event = {
    class_uid: isLogin ? 3002 : 6005,
    time: START + n * 1_000,
    user,
    ...(n % 4 === 0 ? { actor: { user: { name: 'SYSTEM', uid: `H\\svc${n % 9}` } } } : {}),
    src_endpoint: n % 2 === 0 ? { ip: `10.0.0.${n % 20}` } : { hostname: `pc${n % 20}.h.org`, ip: `10.0.1.${n % 20}` },
    ...(isLogin ? {} : { patient: { uid: n % 2 === 0 ? `urn:oid:1|P${n % 50}` : `P${n % 50}` } }),
    ...(n % 97 === 0 ? { message: 'Something RARE, name":"User1"' } : {}),
    metadata: { version: '1.8.0', labels: [] },
  };
  const retention = 'record' as const;
  return { classUid: event.class_uid, retention, normal: JSON.stringify(event), raw: new Uint8Array(0), patient: null };
}

async function append(ledger: Ledger, from: number, many: number): Promise<void> {
  for (let n = 0; n < many; n += 500)
    await ledger.append(Array.from({ length: Math.min(500, many - n) }, (_one, at) => entryOf(from + n + at)));
}

async function archived(dir: string, ledger: Ledger): Promise<void> {
  const readFrom = (from: number, to: number) => ledger.read({ from, to });
  await using archive = await openArchive({ dir, origin: ledger.origin, readFrom, ledgerSize: () => ledger.size });
  await archive.settled();
  await archive.seal({ all: true });
  // What was erased has left the files then.
  await archive.applyRetention();
}

async function place(t: TestContext): Promise<{ dir: string; keyFile: string }> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-find-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const made = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger(made);
  return made;
}

const FILTERS: Partial<EventFilter>[] = [
  {},
  { user: 'user8', ip: '10.0.0.8' },
  { user: 'U3@H.org', ip: 'pc5.h.org' },
  { user: 's-1-5-3', ip: '10.0.1.5' },
  { user: 'h\\SVC4', ip: '10.0.0.4' },
  { user: 'system', text: 'rare', ip: '10.0.0.8' },
  { user: 'nobody', patient: 'P12' },
  { patient: 'P12' },
  { patient: 'urn:oid:1|P24' },
  { patient: '24' },
  { ip: '10.0.0.4' },
  { ip: 'pc7.h.org' },
  { ip: 'PC7.h.org' },
  { text: 'RARE' },
  { classUid: 6005, user: 'USER6', patient: '6' },
  { classUid: 3002, sinceMs: START + 300_000, untilMs: START + 1_200_000 },
  { sinceMs: START + (MANY - 1) * 1_000 },
];

test('what is looked up in the archive is what reading the whole ledger finds, also while the archive lags behind', async (t) => {
  const at = await place(t);
  await using ledger = await openLedger(at);
  await append(ledger, 0, MANY);
  await archived(at.dir, ledger);
  await append(ledger, MANY, 120);
  for (const some of FILTERS) {
    const filter = { ...NOTHING, ...some };
    await using sealed = await openSealed(at.dir, ledger, { filter, limit: 1_000 });
    assert.equal(sealed?.to, MANY);
    for (const limit of [3, 1_000]) {
      assert.notEqual(await sealed.older(limit + 1), null, JSON.stringify(some));
      const walked = await findEvents(ledger, { filter, limit, sealed: null });
      assert.deepEqual(await findEvents(ledger, { filter, limit, sealed }), walked, JSON.stringify({ some, limit }));
    }
  }
});

test('words of rejected records, which the archive does not hold, are found through it all the same', async (t) => {
  const at = await place(t);
  await using ledger = await openLedger(at);
  await append(ledger, 0, 500);
  const labels = ['rejected:unknown_format'];
  const metadata = { version: '1.8.0', log_format: 'wardkeep/rejected', labels };
  const normal = JSON.stringify({ class_uid: 0, time: START, metadata });
  const raw = Buffer.from('a Zebra crosses');
  const { firstIndex } = await ledger.append([{ classUid: 0, retention: 'telemetry', normal, raw, patient: null }]);
  await append(ledger, 501, 100);
  await archived(at.dir, ledger);
  for (const [some, expected] of [
    [{ text: 'zebra' }, [firstIndex]],
    [{ text: 'zebra', classUid: 0 }, [firstIndex]],
    [{ text: 'zebra', classUid: 3002 }, []],
    [{ text: 'giraffe' }, []],
  ] as const) {
    const filter = { ...NOTHING, ...some };
    await using sealed = await openSealed(at.dir, ledger, { filter, limit: 10 });
    assert.notEqual(await sealed?.older(11), null);
    const { found } = await findEvents(ledger, { filter, limit: 10, sealed });
    assert.deepEqual(
      found.map(({ index }) => index),
      expected,
      JSON.stringify(some),
    );
  }
});

test('what the archive cannot tell is read from the ledger', async (t) => {
  const at = await place(t);
  await using ledger = await openLedger(at);
  const asked = async (some: Partial<EventFilter>, limit = 10) =>
    openSealed(at.dir, ledger, { filter: { ...NOTHING, ...some }, limit });
  await append(ledger, 0, 500);
  assert.equal(await asked({}), null);
  await archived(at.dir, ledger);
  assert.equal(await asked({ user: 'Müller', ip: '10.0.0.4' }), null);
  assert.equal(await asked({ user: 'user7' }), null);
  assert.equal(await asked({}, 5_000), null);
  for (const day of readdirSync(join(at.dir, 'archive'), { withFileTypes: true, recursive: true }))
    if (day.name.endsWith('.parquet')) rmSync(join(day.parentPath, day.name));
  await using sealed = await asked({});
  const walked = await findEvents(ledger, { filter: NOTHING, limit: 10, sealed: null });
  assert.deepEqual(await findEvents(ledger, { filter: NOTHING, limit: 10, sealed }), walked);
  assert.deepEqual([walked.found[0]?.index, walked.isMore], [499, true]);
});

test('of what is erased, only what might fit is counted, with an archive and without', async (t) => {
  const at = await place(t);
  await using ledger = await openLedger(at);
  await append(ledger, 0, 20);
  await ledger.upkeep.erase([3, 4], 'request');
  await archived(at.dir, ledger);
  for (const [some, walked, looked] of [
    [{}, 2, 2],
    [{ classUid: 6005 }, 1, 2],
    [{ sinceMs: Date.now() - 86_400_000 }, 2, 2],
    [{ sinceMs: Date.now() + 10 * 86_400_000 }, 0, 0],
  ] as const) {
    const filter = { ...NOTHING, ...some };
    assert.equal((await findEvents(ledger, { filter, limit: 10, sealed: null })).unreadable, walked);
    await using sealed = await openSealed(at.dir, ledger, { filter, limit: 10 });
    assert.notEqual(sealed, null);
    assert.equal((await findEvents(ledger, { filter, limit: 10, sealed })).unreadable, looked, JSON.stringify(some));
  }
});
