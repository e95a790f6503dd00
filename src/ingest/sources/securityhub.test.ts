import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import type { NativeFields } from '../types.ts';
import { securityhub } from './securityhub.ts';

const [family] = securityhub.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  SchemaVersion: '2018-10-08',
  Id: 'arn:aws:securityhub:1',
  ProductArn: 'arn:aws:securityhub:eu-central-1::product/aws/guardduty',
  ProductName: 'GuardDuty',
  CompanyName: 'Amazon',
  GeneratorId: 'g1',
  AwsAccountId: '123456789012',
  Region: 'eu-central-1',
  Types: ['TTPs/Exfiltration'],
  CreatedAt: '2026-02-01T09:00:00.000Z',
  UpdatedAt: '2026-02-01T10:00:00.000Z',
  Severity: { Label: 'HIGH' },
  Title: 'Unusual download',
  Description: 'A bucket was read from an unusual place.',
  ProductFields: {
    'aws/guardduty/service/action/awsApiCallAction/api': 'GetObject',
    'aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4': '198.51.100.7',
  },
  Resources: [{ Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::scans' }],
  RecordState: 'ACTIVE',
};

test('a finding has its severity, resources and evidence', () => {
  const event = checkRecord(family, RECORD);
  assert.deepEqual([event.type_uid, event.severity_id], [200402, 4]);
  assert.deepEqual(event['resources'], [{ uid: 'arn:aws:s3:::scans', type: 'AwsS3Bucket' }]);
  assert.deepEqual(event['evidences'], [{ api: { operation: 'GetObject' }, src_endpoint: { ip: '198.51.100.7' } }]);
});

test('vulnerabilities and compliance checks have classes of their own', () => {
  const vulnerabilities = [{ Id: 'CVE-2023-1255', VulnerablePackages: [{ Name: 'openssl', Version: '3.0.8' }] }];
  const found = checkRecord(family, { ...RECORD, Vulnerabilities: vulnerabilities });
  assert.equal(found.type_uid, 200202);
  assert.deepEqual(found['vulnerabilities'], [
    { cve: { uid: 'CVE-2023-1255' }, affected_packages: [{ name: 'openssl', version: '3.0.8' }] },
  ]);
  const checked = checkRecord(family, { ...RECORD, Compliance: { Status: 'FAILED', SecurityControlId: 'S3.8' } });
  assert.equal(checked.type_uid, 200302);
});

test('an archived finding is closed', () => {
  assert.equal(checkRecord(family, { ...RECORD, RecordState: 'ARCHIVED' }).type_uid, 200403);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'securityhub', fields: RECORD }]);
});
