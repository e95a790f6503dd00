import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzLines, logLines, parseLine } from '../../../test/support/line-source.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import { keycloak } from './keycloak.ts';

const [family] = keycloak.families;
assert.ok(family !== undefined);

const HEAD = '2026-02-01 09:00:00,123 WARN  [org.keycloak.events] (executor-thread-1) ';
const FAILED = `${HEAD}type=LOGIN_ERROR, realmId=hospital, clientId=records, userId=null, ipAddress=198.51.100.7, error=user_not_found, auth_method=openid-connect, redirect_uri=https://records.example/?a=1,2, username=ann`;
const QUOTED = `${HEAD}type="LOGIN", realmId="hospital", clientId="records", userId="u1", ipAddress="198.51.100.7", username="ann"`;
const ADMIN = `${HEAD}operationType=CREATE, realmId=hospital, clientId=console, userId=u1, ipAddress=198.51.100.7, resourceType=USER, resourcePath=users/u2`;

test('a failed login names the user it was for; an absent value is no user', () => {
  const record = parseLine(keycloak, FAILED);
  assert.equal(record.fields['userId'], null);
  assert.equal(record.fields['redirect_uri'], 'https://records.example/?a=1,2');
  const event = checkRecord(family, record.fields);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.deepEqual(event['user'], { name: 'ann' });
  assert.equal(event['auth_protocol_id'], 4);
});

test('a time without zone takes the configured one and says so', () => {
  const { fields } = parseLine(keycloak, FAILED);
  const event = checkRecord(family, fields, { zone: 'Europe/Berlin' });
  assert.equal(event.time, Date.UTC(2026, 1, 1, 8, 0, 0, 123));
  assert.deepEqual(event.metadata.labels, ['time:zone-assumed']);
});

test('quoted values are read without their quotes', () => {
  const event = checkRecord(family, parseLine(keycloak, QUOTED).fields);
  assert.equal(event.status_id, 1);
  assert.deepEqual(event['user'], { name: 'ann', uid: 'u1' });
});

test('what administrators do is API activity on its resource', () => {
  const event = checkRecord(family, parseLine(keycloak, ADMIN).fields);
  assert.equal(event.type_uid, 600301);
  assert.deepEqual(event['resources'], [{ type: 'USER', uid: 'users/u2' }]);
});

test('a changed password is an account change', () => {
  const event = checkRecord(family, parseLine(keycloak, QUOTED.replace('"LOGIN"', '"UPDATE_PASSWORD"')).fields);
  assert.equal(event.type_uid, 300103);
});

test('other lines of the server log are left to other sources', () => {
  assert.equal(
    keycloak.parse('2026-02-01 09:00:00,123 INFO  [org.keycloak.quarkus] (main) Listening on: http://0.0.0.0', null),
    null,
  );
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(
    family,
    [FAILED, QUOTED, ADMIN].map((line) => parseLine(keycloak, line)),
  );
});

test('no line makes the parser throw', () => fuzzLines(keycloak, [FAILED, QUOTED, ADMIN]));

test('real logs are read, valid and lossless', skipWithoutShared, () => {
  for (const file of [
    'keycloak/crowdsec-keycloak-logs-keycloak-logs.log',
    'keycloak/crowdsec-keycloak-bf-keycloak-logs.log',
  ])
    for (const line of logLines(file)) {
      const event = checkRecord(family, parseLine(keycloak, line).fields);
      assert.equal(event.type_uid, 300201);
      assert.equal(event.status_id, 2);
    }
});
