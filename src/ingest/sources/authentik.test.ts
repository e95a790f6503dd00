import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { logLines } from '../../../test/support/line-source.ts';
import { parseAll } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { authentik } from './authentik.ts';

const [family] = authentik.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  action: 'login_failed',
  client_ip: '198.51.100.7',
  context: {
    username: 'ann',
    geo: { city: 'Ulm', country: 'DE', lat: 48.4, long: 10 },
    http_request: { method: 'POST', path: '/flow/' },
  },
  event: 'Created Event',
  host: 'id.example.org',
  level: 'info',
  logger: 'authentik.events.models',
  request_id: 'r1',
  timestamp: '2026-02-01T09:00:00.123456',
  user: { email: '', pk: 2, username: 'AnonymousUser' },
};

test('a failed login is of the user in its context, not of the anonymous one who tried', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.deepEqual(event['user'], { name: 'ann' });
  assert.deepEqual(event.metadata.labels, ['time:zone-assumed']);
});

test('a login is of the user who acted', () => {
  const event = checkRecord(family, {
    ...RECORD,
    action: 'login',
    context: {},
    user: { username: 'bob', email: 'bob@example.org' },
  });
  assert.equal(event.status_id, 1);
  assert.deepEqual(event['user'], { name: 'bob' });
});

test('other actions are API activity', () => {
  assert.equal(checkRecord(family, { ...RECORD, action: 'model_deleted' }).type_uid, 600304);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'authentik', fields: RECORD }]);
});

test('real logs are read, valid and lossless', skipWithoutShared, () => {
  const lines = logLines('idp-other/crowdsec-authentik-logs-authentik-logs.log').map((line): NativeFields =>
    JSON.parse(line),
  );
  const { records, others } = parseAll(authentik, lines);
  assert.equal(others.length, 0);
  for (const { fields } of records) assert.equal(checkRecord(family, fields).type_uid, 300201);
});
