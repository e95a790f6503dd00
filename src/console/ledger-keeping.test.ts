import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerStatus } from './api.ts';
import { setUp } from './client.fixture.ts';
import { openWorld } from './console.fixture.ts';

test('retention and legal holds change beside the running server, in the name of who did it', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const statusOf = async (response: Response): Promise<LedgerStatus> => (await response.json()) as LedgerStatus;
  const before = await statusOf(await admin.call('GET', '/ledger'));
  const after = await statusOf(await admin.call('PATCH', '/ledger/retention', { telemetryDays: 30 }));
  assert.deepEqual(after.retention, { recordDays: before.retention.recordDays, telemetryDays: 30 });
  assert.equal(world.ledger.manifest.retentionDays.telemetry, 30);

  const hold = { name: 'Case 7/2026', fromDay: '2026-11-01', toDay: '2026-11-30' };
  const placed = await admin.call('POST', '/ledger/holds', hold);
  assert.equal(placed.status, 201);
  assert.deepEqual((await statusOf(placed)).holds, [
    { id: hold.name, reason: hold.name, fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 30) },
  ]);
  assert.equal((await admin.call('POST', '/ledger/holds', hold)).status, 409, 'one of this name stands');
  const released = await admin.call('DELETE', `/ledger/holds/${encodeURIComponent(hold.name)}`);
  assert.deepEqual((await statusOf(released)).holds, []);
  assert.equal((await admin.call('DELETE', '/ledger/holds/none')).status, 404);

  const record = JSON.stringify(world.recorded);
  for (const act of ['change-retention', 'place-hold', 'release-hold'])
    assert.match(record, new RegExp(`ledger.${act}`));
});

test('what is no retention and no hold changes nothing', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const { retentionDays } = world.ledger.manifest;
  for (const body of [{}, { recordDays: 0 }, { recordDays: 1.5 }, { telemetryDays: 1e9 }, { days: 3 }])
    assert.equal((await admin.call('PATCH', '/ledger/retention', body)).status, 400, JSON.stringify(body));
  const good = { name: 'Case', fromDay: null, toDay: null };
  const bad = [
    { ...good, name: ' ' },
    { ...good, name: 'two\nlines' },
    { ...good, fromDay: '2026-02-30' },
    { ...good, fromDay: '2026-11-02', toDay: '2026-11-01' },
    { ...good, toDay: 'tomorrow' },
  ];
  for (const body of bad)
    assert.equal((await admin.call('POST', '/ledger/holds', body)).status, 400, JSON.stringify(body));
  assert.deepEqual(world.ledger.manifest.retentionDays, retentionDays);
  assert.deepEqual(world.ledger.manifest.holds, []);
});
