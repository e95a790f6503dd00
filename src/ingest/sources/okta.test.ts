import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { okta } from './okta.ts';

const [family] = okta.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  uuid: 'u-1',
  version: '0',
  severity: 'INFO',
  published: '2026-02-01T09:00:00.123Z',
  eventType: 'user.session.start',
  displayMessage: 'User login to Okta',
  actor: { id: '00u1', type: 'User', alternateId: 'ann@example.org', displayName: 'Ann Example' },
  client: {
    ipAddress: '198.51.100.7',
    userAgent: { rawUserAgent: 'Mozilla/5.0', os: 'Linux' },
    zone: null,
    geographicalContext: { city: 'Ulm', geolocation: { lat: 48.4, lon: 10 } },
  },
  outcome: { result: 'SUCCESS', reason: null },
  target: [{ id: '0oa1', type: 'AppInstance', displayName: 'Records' }],
  debugContext: { debugData: { requestUri: '/api/v1/authn', requestId: 'r1' } },
};

test('a session start is a sign-in to the application that the target names', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 1);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 9, 0, 0, 123));
  assert.deepEqual(event['user'], { uid: '00u1', email_addr: 'ann@example.org', name: 'Ann Example', type: 'User' });
  assert.deepEqual(event['service'], { name: 'Records', uid: '0oa1' });
});

test('a refused sign-in has failed, a finding was blocked', () => {
  assert.equal(checkRecord(family, { ...RECORD, outcome: { result: 'DENY' } }).status_id, 2);
  const finding = checkRecord(family, {
    ...RECORD,
    eventType: 'security.threat.detected',
    outcome: { result: 'DENY', reason: 'Login Failures' },
  });
  assert.equal(finding.type_uid, 200401);
  assert.equal(finding['disposition_id'], 2);
});

test('accounts, groups and policies have classes of their own, the rest is API activity', () => {
  const user = { id: '00u2', type: 'User', displayName: 'Bob', alternateId: 'bob@example.org' };
  const types: [string, NativeFields[], number][] = [
    ['user.account.lock', [user], 300109],
    ['user.mfa.factor.deactivate', [user], 300111],
    ['group.user_membership.add', [{ id: 'g', type: 'UserGroup', displayName: 'Nurses' }, user], 300603],
    ['policy.lifecycle.create', [{ id: 'p', type: 'PolicyEntity', displayName: 'No MFA' }], 300401],
    ['system.api_token.create', [], 600301],
  ];
  for (const [eventType, target, typeUid] of types)
    assert.equal(checkRecord(family, { ...RECORD, eventType, target }).type_uid, typeUid);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'okta', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(okta, 'okta/panther-okta_rules.ndjson', { records: 45, others: 22 });
  assert.ok(classed >= 40, `${classed} have the class that they are meant for`);
});
