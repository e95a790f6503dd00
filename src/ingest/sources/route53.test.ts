import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import type { NativeFields } from '../types.ts';
import { route53 } from './route53.ts';

const [family] = route53.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  version: '1.100000',
  account_id: '123456789012',
  region: 'eu-central-1',
  vpc_id: 'vpc-1',
  query_timestamp: '2026-02-01T09:00:00Z',
  query_name: 'tunnel.example.',
  query_type: 'TXT',
  query_class: 'IN',
  rcode: 'NXDOMAIN',
  answers: [{ Rdata: '192.0.2.9', Type: 'A', Class: 'IN' }, { Type: 'A' }],
  srcaddr: '10.0.0.7',
  srcport: '15083',
  transport: 'UDP',
  srcids: { instance: 'i-1' },
};

test('a query has its name, answers, code and client', () => {
  const event = checkRecord(family, RECORD);
  assert.deepEqual([event.type_uid, event['rcode_id'], event['action_id']], [400306, 3, undefined]);
  assert.deepEqual(event['answers'], [{ rdata: '192.0.2.9', type: 'A', class: 'IN' }]);
  assert.deepEqual(event['src_endpoint'], { ip: '10.0.0.7', port: 15_083, vpc_uid: 'vpc-1', instance_uid: 'i-1' });
});

test('what the DNS firewall did is the action', () => {
  const blocked = checkRecord(family, { ...RECORD, firewall_rule_action: 'BLOCK', firewall_rule_group_id: 'g' });
  assert.deepEqual([blocked['action_id'], blocked['disposition_id']], [2, 2]);
  const alerted = checkRecord(family, { ...RECORD, firewall_rule_action: 'ALERT', firewall_rule_group_id: 'g' });
  assert.deepEqual([alerted['action_id'], alerted['disposition_id']], [1, 19]);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'route53', fields: RECORD }]);
});
