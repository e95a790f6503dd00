import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { pantherLogs, parseAll } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { cloudtrail } from './cloudtrail.ts';

const [family] = cloudtrail.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  eventVersion: '1.08',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:ann',
    arn: 'arn:aws:sts::111122223333:assumed-role/Admin/ann',
    accountId: '111122223333',
    sessionContext: { attributes: { creationDate: '2026-02-01T08:00:00Z', mfaAuthenticated: 'true' } },
  },
  eventTime: '2026-02-01T09:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2',
  requestParameters: { bucketName: 'scans', key: 'a.dcm' },
  responseElements: null,
  requestID: 'R1',
  eventID: 'E1',
  readOnly: true,
  resources: [{ ARN: 'arn:aws:s3:::scans/a.dcm', type: 'AWS::S3::Object' }],
  eventType: 'AwsApiCall',
  recipientAccountId: '111122223333',
};

test('a call is an API activity with its actor, operation and source', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 600302);
  assert.equal(event.status_id, 1);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 9));
  assert.deepEqual(event['resources'], [{ uid: 'arn:aws:s3:::scans/a.dcm', type: 'AWS::S3::Object' }]);
  assert.deepEqual(event['src_endpoint'], { ip: '198.51.100.7' });
  assert.deepEqual(event.metadata.profiles, ['cloud']);
});

test('a call that failed says so, a call by a service has a domain as its source', () => {
  const event = checkRecord(family, { ...RECORD, errorCode: 'AccessDenied', sourceIPAddress: 'ecs.amazonaws.com' });
  assert.equal(event.status_id, 2);
  assert.equal(event['status_code'], 'AccessDenied');
  assert.deepEqual(event['src_endpoint'], { domain: 'ecs.amazonaws.com' });
});

test('a console sign-in is an authentication with its outcome', () => {
  const login = {
    ...RECORD,
    eventSource: 'signin.amazonaws.com',
    eventName: 'ConsoleLogin',
    eventType: 'AwsConsoleSignIn',
  };
  const fields = { ...login, responseElements: { ConsoleLogin: 'Failure' }, additionalEventData: { MFAUsed: 'No' } };
  const event = checkRecord(family, fields);
  assert.equal(event.type_uid, 300201);
  assert.equal(event.status_id, 2);
  assert.equal(event['is_mfa'], false);
});

test('IAM calls on users and groups are account changes and group management', () => {
  const iam = { ...RECORD, eventSource: 'iam.amazonaws.com', readOnly: false };
  const created = checkRecord(family, { ...iam, eventName: 'CreateUser', requestParameters: { userName: 'bob' } });
  assert.equal(created.type_uid, 300101);
  assert.deepEqual(created['user'], { name: 'bob' });
  const added = checkRecord(family, {
    ...iam,
    eventName: 'AddUserToGroup',
    requestParameters: { userName: 'bob', groupName: 'g' },
  });
  assert.equal(added.type_uid, 300603);
});

test('a record without a source becomes a base event that keeps its fields', () => {
  const { sourceIPAddress: _, ...fields } = RECORD;
  const event = checkRecord(family, fields);
  assert.equal(event.class_uid, 0);
  assert.ok(event.metadata.labels?.includes('class:6003'));
});

test('names folded to lower case are read as their own', () => {
  const { records } = parseAll(cloudtrail, [
    { eventname: 'GetRecords', awsregion: 'eu-west-1', eventtime: '2026-01-10 21:04:02' },
  ]);
  assert.deepEqual(records[0]?.fields, {
    eventName: 'GetRecords',
    awsRegion: 'eu-west-1',
    eventTime: '2026-01-10 21:04:02',
  });
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'cloudtrail', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const { records, others } = parseAll(cloudtrail, pantherLogs('aws-cloudtrail/panther-aws_cloudtrail_rules.ndjson'));
  assert.equal(records.length, 308);
  assert.equal(others.length, 0);
  const classes = records.map(({ fields }) => checkRecord(family, fields).class_uid);
  assert.ok(classes.filter((uid) => uid !== 0).length > 280);
  checkFamilyNeverLoses(family, records, 500);
});
