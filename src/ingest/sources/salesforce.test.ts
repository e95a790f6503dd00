import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { salesforce } from './salesforce.ts';

const [family] = salesforce.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  EVENT_TYPE: 'Login',
  ORGANIZATION_ID: 'o1',
  REQUEST_ID: 'r1',
  TIMESTAMP: '20260201090000.123',
  TIMESTAMP_DERIVED: '2026-02-01T09:00:00.123Z',
  USER_ID: 'u1',
  USER_NAME: 'ann@example.org',
  SOURCE_IP: '198.51.100.7',
  LOGIN_STATUS: 'LOGIN_ERROR_INVALID_PASSWORD',
};

test('a login has its user, source and outcome', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 9, 0, 0, 123));
});

test('an export is API activity that reads', () => {
  const event = checkRecord(family, { ...RECORD, EVENT_TYPE: 'ReportExport', ENTITY_NAME: 'Contact' });
  assert.equal(event.type_uid, 600302);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'salesforce', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(salesforce, 'salesforce/panther-salesforce_rules.ndjson', { records: 14, others: 0 });
  assert.ok(classed >= 14, `${classed} have the class that they are meant for`);
});
