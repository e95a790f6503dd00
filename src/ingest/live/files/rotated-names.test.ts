import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRotatedName } from './rotated-names.ts';

test('names that rotation makes are known, those of other files are not', () => {
  for (const name of [
    'app.log.1',
    'app.log.12.gz',
    'app.log-20261124',
    'app.log-20261124.zst',
    'app.log.2026-11-24T03:00:00Z',
    'app.log-20261124-1732417200.gz',
    'app.log.gz',
    'app.log.old',
    'app.log.1.bz2',
    'app-20261124.log',
    'app-2026-11-24.log.gz',
    'app.2026-11-24.3.log',
    'app.1.log',
  ])
    assert.ok(isRotatedName(name, 'app.log'), name);
  for (const name of [
    'app.log',
    'app.log.pos',
    'app.log.swp',
    'app.log.lock',
    'app.log~',
    'app.logs',
    'app-2.log',
    'app_1.log',
    'apps.1.log',
    'worker.log.1',
    'app.1.txt',
    'app.log.1.tmp',
  ])
    assert.ok(!isRotatedName(name, 'app.log'), name);
  assert.ok(isRotatedName('messages-20261124', 'messages'));
  assert.ok(isRotatedName('messages.1', 'messages'));
  assert.ok(!isRotatedName('messages2', 'messages-2'));
});
