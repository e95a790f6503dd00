import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SavedFilter } from './api.ts';
import { setUp, signInAs } from './client.fixture.ts';
import { openWorld } from './console.fixture.ts';

const FILTER = {
  id: 'f1',
  name: 'Failed',
  page: 'events',
  search: 'outcome=failure',
  isShared: true,
  author: 'x',
  changedMs: 1,
};

test('a filter is saved and removed, and none that names a patient', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const refused = await admin.call('PUT', '/filters/f1', { ...FILTER, search: 'outcome=failure&patient=MRN+4711' });
  assert.equal(refused.status, 400);
  assert.doesNotMatch(await refused.text(), /4711/);
  const saved = (await (await admin.call('PUT', '/filters/f1', FILTER)).json()) as SavedFilter;
  assert.deepEqual(saved, { ...FILTER, author: saved.author, changedMs: world.clock.nowMs() });
  assert.notEqual(saved.author, 'x');
  assert.deepEqual(await (await admin.call('GET', '/filters')).json(), [saved]);
  assert.equal((await admin.call('DELETE', '/filters/f1')).status, 204);
  assert.equal((await admin.call('DELETE', '/filters/f1')).status, 404);
});

test('an own filter is for nobody else; a shared one is for all, and its owner alone takes it back', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const analyst = await signInAs(world, 'analyst');
  const own = { ...FILTER, id: 'own', name: 'Mine', isShared: false };
  assert.equal((await admin.call('PUT', '/filters/own', own)).status, 200);
  assert.equal((await admin.call('PUT', '/filters/f1', FILTER)).status, 200);
  const names = async (client: typeof admin): Promise<string[]> =>
    ((await (await client.call('GET', '/filters')).json()) as SavedFilter[]).map(({ name }) => name);
  assert.deepEqual(await names(admin), ['Failed', 'Mine']);
  assert.deepEqual(await names(analyst), ['Failed']);
  assert.equal((await analyst.call('PUT', '/filters/own', { ...own, name: 'Taken' })).status, 404);
  assert.equal((await analyst.call('DELETE', '/filters/own')).status, 404);
  assert.equal(
    (await analyst.call('PUT', '/filters/f1', { ...FILTER, name: 'New name', isShared: false })).status,
    200,
  );
  assert.deepEqual(await names(admin), ['Mine', 'New name']);
  assert.deepEqual(await names(analyst), ['New name']);
  assert.equal((await admin.call('PUT', '/filters/f1', { ...FILTER, isShared: false })).status, 200);
  assert.deepEqual(await names(analyst), []);
});
