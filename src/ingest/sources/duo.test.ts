import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { duo } from './duo.ts';

const [family] = duo.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  txid: 't1',
  timestamp: 1_769_936_400,
  isotimestamp: '2026-02-01T09:00:00.123456+00:00',
  event_type: 'authentication',
  user: { name: 'ann', key: 'k1' },
  access_device: { ip: '198.51.100.7', os: 'Linux' },
  application: { name: 'VPN', key: 'a1' },
  factor: 'duo_push',
  result: 'denied',
  reason: 'user_mistake',
};

test('an authentication has its factor, outcome and application', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.deepEqual(event['auth_factors'], [{ factor_type_id: 5, factor_type: 'duo_push' }]);
  assert.deepEqual(event['service'], { name: 'VPN', uid: 'a1' });
  assert.equal(event.time, 1_769_936_400_123);
});

test('what administrators do is account change or entity management', () => {
  const admin = { isotimestamp: '2026-02-01T09:00:00+00:00', timestamp: 1_769_936_400, username: 'Ann', object: 'bob' };
  assert.equal(checkRecord(family, { ...admin, action: 'bypass_create' }).class_uid, 3001);
  assert.equal(checkRecord(family, { ...admin, action: 'integration_delete' }).type_uid, 300404);
  assert.equal(checkRecord(family, { ...admin, action: 'admin_login_error' }).status_id, 2);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'duo', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(duo, 'duo/panther-duo_rules.ndjson', { records: 28, others: 0 });
  assert.ok(classed >= 20, `${classed} have the class that they are meant for`);
});
