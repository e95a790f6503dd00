import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields, NativeRecord } from '../types.ts';
import { falco, falcoFamily } from './falco.ts';
import { suricata, suricataFamily } from './suricata.ts';
import { vmConnection, vmConnectionFamily } from './vm-connection.ts';

const common = {
  timestamp: '2022-07-10T23:50:05.533101+0000',
  flow_id: 12,
  src_ip: '10.0.0.1',
  src_port: 5,
  dest_ip: '10.0.0.2',
  dest_port: 80,
  proto: 'TCP',
};
const EVE: NativeFields[] = [
  {
    ...common,
    event_type: 'alert',
    alert: { action: 'blocked', signature_id: 7, rev: 1, signature: 'S', category: 'C', severity: 1 },
  },
  {
    ...common,
    event_type: 'flow',
    flow: { pkts_toserver: 1, bytes_toclient: 2, state: 'closed', start: '2022-07-11T05:48:21.714860+0000' },
  },
  { ...common, event_type: 'dns', dns: { type: 'answer', id: 3, rrname: 'a.example', rrtype: 'A', rcode: 'NXDOMAIN' } },
  {
    ...common,
    event_type: 'dns',
    dns: { version: 3, type: 'request', queries: [{ rrname: 'b.example', rrtype: 'MX' }] },
  },
  {
    ...common,
    event_type: 'http',
    http: { hostname: 'h', url: '/x', http_method: 'POST', status: 404, length: 7, protocol: 'HTTP/1.1' },
  },
  { ...common, event_type: 'tls', tls: { version: 'TLS 1.3', sni: 's.example' } },
  { ...common, event_type: 'ssh', ssh: { client: { proto_version: '2.0' } } },
  { ...common, event_type: 'fileinfo', fileinfo: { filename: '/x' } },
  { timestamp: common.timestamp, event_type: 'stats', stats: { uptime: 4 } },
];
const FALCO: NativeFields = {
  uuid: 'u-1',
  output: 'o',
  priority: 'Warning',
  rule: 'r',
  time: '2023-01-03T15:11:39.558068644Z',
  output_fields: { 'user.name': 'x' },
  hostname: 'h',
};
const CONNECTION: NativeFields = {
  Type: 'VMConnection',
  TimeGenerated: '2022-05-11T18:09:38.868Z',
  Computer: 'C',
  Direction: 'outbound',
  SourceIp: '10.0.0.1',
  DestinationIp: '10.0.0.2',
  DestinationPort: 80,
  Protocol: 'tcp',
  BytesSent: 1,
};

function seeds(family: string, records: readonly NativeFields[]): NativeRecord[] {
  return records.map((fields) => ({ family, fields }));
}

test('Suricata: each type of record has its class, and comes back', () => {
  const classes = EVE.map((fields) => {
    assert.ok(suricata.accepts(fields));
    const event = checkRecord(suricataFamily, fields);
    return [event.class_uid, event.activity_id, event.status_id];
  });
  assert.deepEqual(classes, [
    [2004, 1, undefined],
    [4001, 2, undefined],
    [4003, 2, 2],
    [4003, 1, undefined],
    [4002, 6, 2],
    [4001, 6, undefined],
    [4007, 6, undefined],
    [4001, 6, undefined],
    [0, 0, undefined],
  ]);
});

test('Suricata: an alert says what was seen, how grave, between whom and whether it was stopped', () => {
  const event = checkRecord(suricataFamily, EVE[0] ?? {});
  assert.equal(event.severity_id, 4);
  assert.equal(event['action_id'], 2);
  assert.equal(event.time, Date.UTC(2022, 6, 10, 23, 50, 5, 533));
  assert.deepEqual(event['evidences'], [
    {
      src_endpoint: { ip: '10.0.0.1', port: 5 },
      dst_endpoint: { ip: '10.0.0.2', port: 80 },
      connection_info: { direction_id: 0, protocol_name: 'TCP', uid: '12' },
    },
  ]);
});

test('Suricata: every real event is valid and comes back', skipWithoutShared, () => {
  const names = [
    'crowdsec-suricata-eve-detect-suricata-eve-detect',
    'crowdsec-suricata-logs-evelog-suricata-logs-evelog',
  ];
  const lines = names.flatMap((name) => readFileSync(sharedPath(`formats/suricata/${name}.log`), 'utf8').split('\n'));
  const events = lines.filter(Boolean).map((line) => {
    const value: NativeFields = JSON.parse(line);
    assert.ok(suricata.accepts(value));
    return checkRecord(suricataFamily, value);
  });
  assert.equal(events.length, 12);
  assert.ok(events.every(({ metadata }) => metadata.labels === undefined));
});

test('Falco: an alert is a finding of its rule', () => {
  assert.ok(falco.accepts(FALCO));
  const event = checkRecord(falcoFamily, FALCO);
  assert.deepEqual([event.class_uid, event.severity_id, event.time], [2004, 3, 1_672_758_699_558]);
  assert.deepEqual(event['finding_info'], { uid: 'u-1', title: 'r', desc: 'o' });
});

test('VM insights: a connection has its ends and direction', () => {
  assert.ok(vmConnection.accepts(CONNECTION));
  const event = checkRecord(vmConnectionFamily, CONNECTION);
  assert.equal(event.class_uid, 4001);
  assert.deepEqual(event['connection_info'], { direction_id: 2, protocol_name: 'tcp' });
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(suricataFamily, seeds('suricata', EVE));
  checkFamilyNeverLoses(falcoFamily, seeds('falco', [FALCO]));
  checkFamilyNeverLoses(vmConnectionFamily, seeds('vmconnection', [CONNECTION]));
});
