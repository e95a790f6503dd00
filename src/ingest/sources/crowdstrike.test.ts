import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { crowdstrike } from './crowdstrike.ts';

const [family] = crowdstrike.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  cid: 'c1',
  aid: 'a1',
  aip: '203.0.113.9',
  id: 'e1',
  name: 'ProcessRollup2V19',
  event_simpleName: 'ProcessRollup2',
  event_platform: 'Win',
  timestamp: '1769936400123',
  ImageFileName: '\\Device\\HarddiskVolume2\\Windows\\System32\\cmd.exe',
  CommandLine: 'cmd /c whoami',
  RawProcessId: '3120',
  TargetProcessId: '10413665481',
  ParentProcessId: '4370948876',
  ParentBaseFileName: 'explorer.exe',
  SHA256HashData: '840e1f9dc5a29bebf01626822d7390251e9cf05bb3560ba7b68bdb8a41cf08e3',
  UserName: 'ann',
};

test('a process rollup is the launch of a process on a device', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 100701);
  assert.equal(event.time, 1_769_936_400_123);
  const { aid, aip, cid, event_simpleName, timestamp, ...inner } = RECORD;
  const nested = checkRecord(family, { aid, aip, cid, event_simpleName, timestamp, event: inner });
  assert.deepEqual(nested['process'], event['process']);
});

test('other sensor events are base events of their device, none is dropped', () => {
  const event = checkRecord(family, { ...RECORD, event_simpleName: 'AgentOnline' });
  assert.equal(event.class_uid, 0);
  assert.equal(event.metadata.labels, undefined);
});

test('the event stream has sign-ins, accesses and detections', () => {
  const metadata = {
    customerIDString: 'c1',
    eventType: 'AuthActivityAuditEvent',
    eventCreationTime: 1_769_936_400_123,
    offset: 5,
  };
  const pairs = [
    { Key: 'target_name', ValueString: 'bob@example.org' },
    { Key: 'roles', ValueString: 'admin,analyst' },
  ];
  const audit = {
    UserId: 'ann@example.org',
    UserIp: '198.51.100.7',
    ServiceName: 'Authentication',
    Success: true,
    AuditKeyValues: pairs,
  };
  const granted = checkRecord(family, { metadata, event: { ...audit, OperationName: 'grantUserRoles' } });
  assert.equal(granted.type_uid, 300501);
  assert.deepEqual(granted['privileges'], ['admin', 'analyst']);
  assert.equal(
    checkRecord(family, { metadata, event: { ...audit, OperationName: 'userAuthenticate', Success: false } }).status_id,
    2,
  );
  const detection = {
    metadata: { ...metadata, eventType: 'DetectionSummaryEvent' },
    event: { DetectId: 'd1', DetectName: 'x', Severity: 4 },
  };
  assert.equal(checkRecord(family, detection).severity_id, 4);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'crowdstrike', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(crowdstrike, 'edr-crowdstrike/panther-crowdstrike_rules.ndjson', {
    records: 68,
    others: 12,
  });
  assert.ok(classed >= 66, `${classed} have the class that they are meant for`);
});
