import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { entra } from './entra.ts';

const [family] = entra.families;
assert.ok(family !== undefined);

const SIGN_IN: NativeFields = {
  id: 's1',
  createdDateTime: '2026-02-01T09:00:00Z',
  userPrincipalName: 'ann@example.org',
  userId: 'u1',
  appDisplayName: 'Records',
  appId: 'a1',
  ipAddress: '198.51.100.7',
  status: { errorCode: 0, failureReason: 'Other.' },
  authenticationRequirement: 'multiFactorAuthentication',
  deviceDetail: { deviceId: '', operatingSystem: 'Windows10' },
  location: { city: 'Ulm', countryOrRegion: 'DE', geoCoordinates: { latitude: 48.4, longitude: 10 } },
};

const AUDIT: NativeFields = {
  time: '2026-02-01T09:00:00Z',
  category: 'AuditLogs',
  operationName: 'Add member to role',
  properties: {
    id: 'd1',
    activityDisplayName: 'Add member to role',
    result: 'success',
    initiatedBy: { user: { id: 'u1', userPrincipalName: 'ann@example.org', ipAddress: '198.51.100.7' } },
    targetResources: [
      {
        id: 'u2',
        type: 'User',
        userPrincipalName: 'bob@example.org',
        modifiedProperties: [{ displayName: 'Role.DisplayName', newValue: '"Global Administrator"' }],
      },
    ],
  },
};

test('a sign-in is read from Graph and from diagnostic settings alike', () => {
  const direct = checkRecord(family, SIGN_IN);
  const wrapped = checkRecord(family, {
    time: '2026-02-01T09:00:05Z',
    category: 'SignInLogs',
    operationName: 'Sign-in activity',
    properties: SIGN_IN,
  });
  for (const event of [direct, wrapped]) {
    assert.equal(event.type_uid, 300201);
    assert.equal(event.status_id, 1);
    assert.equal(event['is_mfa'], true);
    assert.equal(event.time, Date.UTC(2026, 1, 1, 9));
    assert.deepEqual(event['service'], { name: 'Records', uid: 'a1' });
  }
});

test('a refused sign-in says why', () => {
  const event = checkRecord(family, { ...SIGN_IN, status: { errorCode: 50126, failureReason: 'Invalid password' } });
  assert.equal(event.status_id, 2);
  assert.equal(event['status_detail'], 'Invalid password');
});

test('a new role is user access with the role as its privilege', () => {
  const event = checkRecord(family, AUDIT);
  assert.equal(event.type_uid, 300501);
  assert.deepEqual(event['privileges'], ['Global Administrator']);
  assert.deepEqual(event['user'], { name: 'bob@example.org', uid: 'u2' });
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [
    { family: 'entra', fields: SIGN_IN },
    { family: 'entra', fields: AUDIT },
  ]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(entra, 'entra-signin/panther-azure_signin_rules.ndjson', { records: 32, others: 0 });
  assert.ok(classed >= 30, `${classed} have the class that they are meant for`);
});
