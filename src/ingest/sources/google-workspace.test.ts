import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther, parseAll } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { googleWorkspace } from './google-workspace.ts';

const [family] = googleWorkspace.families;
assert.ok(family !== undefined);

const ACTIVITY: NativeFields = {
  kind: 'admin#reports#activity',
  id: { time: '2026-02-01T09:00:00.000Z', uniqueQualifier: '1', applicationName: 'login', customerId: 'C1' },
  actor: { email: 'ann@example.org', profileId: '7', callerType: 'USER' },
  ipAddress: '198.51.100.7',
  events: [
    {
      type: 'login',
      name: 'login_failure',
      parameters: [{ name: 'login_failure_type', value: 'login_failure_invalid_password' }],
    },
    { type: 'login', name: 'login_success', parameters: [{ name: 'is_suspicious', boolValue: false }] },
  ],
};

test('an activity gives one event for each of its events, with the parameters by name', () => {
  const { records } = parseAll(googleWorkspace, [ACTIVITY]);
  assert.equal(records.length, 2);
  assert.deepEqual(records[1]?.fields['parameters'], { is_suspicious: false });
  const [failed, succeeded] = records.map(({ fields }) => checkRecord(family, fields));
  assert.equal(failed?.type_uid, 300201);
  assert.equal(failed?.status_id, 2);
  assert.equal(failed?.['status_detail'], 'login_failure_invalid_password');
  assert.equal(succeeded?.status_id, 1);
});

test('documents, accounts and groups have classes of their own', () => {
  const { events: _, ...shared } = ACTIVITY;
  const drive = {
    ...shared,
    id: { applicationName: 'drive' },
    name: 'download',
    type: 'access',
    parameters: { doc_title: 'list', doc_id: 'd' },
  };
  assert.equal(checkRecord(family, drive).type_uid, 600602);
  const admin = {
    ...shared,
    id: { applicationName: 'admin' },
    type: 'USER_SETTINGS',
    name: 'SUSPEND_USER',
    parameters: { USER_EMAIL: 'bob@example.org' },
  };
  assert.equal(checkRecord(family, admin).type_uid, 300105);
  const group = {
    ...shared,
    id: { applicationName: 'groups_enterprise' },
    name: 'add_member',
    parameters: { group_id: 'g@example.org', member_id: 'm' },
  };
  assert.equal(checkRecord(family, group).type_uid, 300603);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, parseAll(googleWorkspace, [ACTIVITY]).records);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(googleWorkspace, 'google-workspace/panther-gsuite_activityevent_rules.ndjson', {
    records: 92,
    others: 0,
  });
  assert.ok(classed >= 64, `${classed} have the class that they are meant for`);
});

test('events beyond the hundredth, and what is no event, stay with the activity', () => {
  const events = [...Array.from({ length: 102 }, (_, i) => ({ name: `e${i}` })), null, 7];
  const parsed = googleWorkspace.parse({ kind: 'audit#activity', id: { applicationName: 'login' }, events });
  assert.ok(Array.isArray(parsed) && parsed.length === 101);
  assert.deepEqual(parsed.at(-1)?.fields['events'], [{ name: 'e100' }, { name: 'e101' }, null, 7]);
});
