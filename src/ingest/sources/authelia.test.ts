import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzLines, logLines, parseLine } from '../../../test/support/line-source.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { authelia, autheliaJson } from './authelia.ts';

const [family] = authelia.families;
assert.ok(family !== undefined);

const FAILED = `time="2026-02-01T09:00:00+02:00" level=error msg="Unsuccessful TOTP authentication attempt by user 'ann'" method=POST path=/api/secondfactor/totp remote_ip=198.51.100.7 stack="a \\"b\\""`;
const UNKNOWN = `time="2026-02-01T09:00:00Z" level=error msg="Error occurred getting details for user with username input 'nobody' which usually indicates they do not exist" error="user not found" method=POST path=/api/firstfactor remote_ip=198.51.100.7`;

test('an attempt has its user, factor, outcome and source', () => {
  const { fields } = parseLine(authelia, FAILED);
  assert.equal(fields['stack'], 'a "b"');
  const event = checkRecord(family, fields);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 7));
  assert.deepEqual(event['user'], { name: 'ann' });
  assert.deepEqual(event['auth_factors'], [{ factor_type_id: 7, factor_type: 'TOTP' }]);
  assert.equal(event['is_mfa'], true);
});

test('a user who does not exist has failed to sign in', () => {
  const event = checkRecord(family, parseLine(authelia, UNKNOWN).fields);
  assert.deepEqual([event.type_uid, event.status_id, event['status_detail']], [300201, 2, 'user not found']);
});

test('other messages stay base events with their fields', () => {
  const fields = {
    level: 'info',
    msg: 'Listening for connections',
    time: '2026-02-01T09:00:00Z',
    path: '/api/health',
    method: 'GET',
  };
  assert.ok(autheliaJson.accepts(fields));
  const event = checkRecord(family, fields);
  assert.equal(event.class_uid, 0);
  assert.equal(event.message, 'Listening for connections');
});

test('logfmt of other programs is left to other sources', () => {
  assert.equal(authelia.parse('time="2026-02-01T09:00:00Z" level=info msg="done" component=x', null), null);
  assert.equal(authelia.parse('time="2026-02-01T09:00:00Z" level=info msg="broken', null), null);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [parseLine(authelia, FAILED), parseLine(authelia, UNKNOWN)]);
});

test('no line makes the parser throw', () => fuzzLines(authelia, [FAILED, UNKNOWN]));

test('real logs, text and JSON, are read, valid and lossless', skipWithoutShared, () => {
  const lines = logLines('idp-other/crowdsec-authelia-logs-authelia-logs.log');
  assert.equal(lines.length, 20);
  for (const line of lines) {
    const json: NativeFields | null = line.startsWith('{') ? JSON.parse(line) : null;
    if (json !== null) assert.ok(autheliaJson.accepts(json));
    assert.equal(checkRecord(family, json ?? parseLine(authelia, line).fields).type_uid, 300201);
  }
});
