import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { m365 } from './m365.ts';

const [family] = m365.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  Id: 'r1',
  CreationTime: '2026-02-01T09:00:00',
  Operation: 'FileDownloaded',
  Workload: 'SharePoint',
  RecordType: 6,
  OrganizationId: 't1',
  UserId: 'ann@example.org',
  UserKey: 'k1',
  UserType: 0,
  ClientIP: '198.51.100.7',
  ObjectId: 'https://example.sharepoint.com/Docs/list.xlsx',
  SourceFileName: 'list.xlsx',
  ItemType: 'File',
};

test('a file operation is file hosting; its time is UTC though it does not say so', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 600602);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 9));
  assert.equal(event.metadata.labels, undefined);
  assert.equal(event.metadata.original_time, '2026-02-01T09:00:00');
});

test('a client with its port is the source without it', () => {
  const { SourceFileName: _, ...record } = RECORD;
  const event = checkRecord(family, {
    ...record,
    Workload: 'Exchange',
    Operation: 'New-InboxRule',
    ClientIP: '[2001:db8::7]:51234',
  });
  assert.equal(event.type_uid, 600301);
  assert.deepEqual(event['src_endpoint'], { ip: '2001:db8::7' });
});

test('a failed sign-in has failed even where its result status says success', () => {
  const event = checkRecord(family, {
    ...RECORD,
    Workload: 'AzureActiveDirectory',
    Operation: 'UserLoginFailed',
    ResultStatus: 'Success',
  });
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
});

test('a message trace is e-mail activity', () => {
  const event = checkRecord(family, {
    MessageTraceId: 'm1',
    MessageId: '<1@example.org>',
    Received: '2026-02-01T09:00:00.1234567',
    SenderAddress: 'ann@example.org',
    RecipientAddress: 'bob@example.net',
    Subject: 'list',
    Status: 'Delivered',
    FromIP: '198.51.100.7',
    ToIP: null,
    Size: 5,
  });
  assert.equal(event.type_uid, 400904);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 9, 0, 0, 123));
  assert.deepEqual(event['to'], ['bob@example.net']);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'm365', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(m365, 'm365/panther-microsoft_rules.ndjson', { records: 16, others: 1 });
  assert.ok(classed >= 16, `${classed} have the class that they are meant for`);
});
