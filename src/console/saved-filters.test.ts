import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SavedFilter } from './api.ts';
import { setUp } from './client.fixture.ts';
import { openWorld } from './console.fixture.ts';

test('a filter is saved for all, and none that names a patient', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const filter = { id: 'f1', name: 'Failed', page: 'events', search: 'outcome=failure', author: 'x', changedMs: 1 };
  const refused = await admin.call('PUT', '/filters/f1', { ...filter, search: 'outcome=failure&patient=MRN+4711' });
  assert.equal(refused.status, 400);
  assert.doesNotMatch(await refused.text(), /4711/);
  const saved = (await (await admin.call('PUT', '/filters/f1', filter)).json()) as SavedFilter;
  assert.deepEqual(saved, { ...filter, author: saved.author, changedMs: world.clock.nowMs() });
  assert.notEqual(saved.author, 'x');
  assert.deepEqual(await (await admin.call('GET', '/filters')).json(), [saved]);
  assert.equal((await admin.call('DELETE', '/filters/f1')).status, 204);
  assert.equal((await admin.call('DELETE', '/filters/f1')).status, 404);
});
