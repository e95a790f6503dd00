import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkRecord } from '../../../test/support/family.ts';
import { checkFamiliesNeverLose, fuzzEnvelopedLines, readBy } from '../../../test/support/line-source.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { readCsvLine } from '../csv.ts';
import type { OcsfEvent } from '../ocsf/types.ts';
import type { NativeFields, NativeRecord } from '../types.ts';
import { ciscoAsa, ciscoAsaFamily } from './cisco-asa.ts';
import { fortigate, fortigateFamily } from './fortigate.ts';
import { paloalto, paloaltoFamily } from './paloalto.ts';
import { pfsense, pfsenseFamily } from './pfsense.ts';

const SOURCES = [ciscoAsa, fortigate, paloalto, pfsense];
const FAMILIES = new Map(
  [ciscoAsaFamily, fortigateFamily, paloaltoFamily, pfsenseFamily].map((family) => [family.name, family]),
);

function read(line: string): NativeRecord {
  return readBy(SOURCES, line) ?? assert.fail(`nobody takes ${line}`);
}

function map(line: string): { fields: NativeFields; event: OcsfEvent } {
  const record = read(line);
  const family = FAMILIES.get(record.family);
  assert.ok(family !== undefined);
  return { fields: record.fields, event: checkRecord(family, record.fields) };
}

function end(value: unknown): string {
  const { ip = '', port = '' } = (value ?? {}) as { ip?: string; port?: number };
  return `${ip}:${port}`;
}

/** Class, activity, status, and both ends as `ip:port`. */
function summary({ event }: { event: OcsfEvent }): unknown[] {
  return [event.class_uid, event.activity_id, event.status_id, end(event['src_endpoint']), end(event['dst_endpoint'])];
}

const ASA: [message: string, expected: unknown[]][] = [
  [
    '2-106001: Inbound TCP connection denied from 10.1.1.1/5 to 10.2.2.2/80 flags SYN  on interface outside',
    [4001, 5, 2, '10.1.1.1:5', '10.2.2.2:80'],
  ],
  [
    '2-106006: Deny inbound UDP from 10.1.1.1/5 to 10.2.2.2/53 on interface outside',
    [4001, 5, 2, '10.1.1.1:5', '10.2.2.2:53'],
  ],
  [
    '6-106015: Deny TCP (no connection) from 10.1.1.1/5 to 10.2.2.2/80 flags RST  on interface inside',
    [4001, 5, 2, '10.1.1.1:5', '10.2.2.2:80'],
  ],
  [
    '4-106023: Deny icmp src outside:10.1.1.1 dst inside:10.2.2.2 (type 8, code 0) by access-group "in" [0x0, 0x0]',
    [4001, 5, 2, '10.1.1.1:', '10.2.2.2:'],
  ],
  [
    '6-106100: access-list acl denied tcp outside/10.1.1.1(5) -> inside/10.2.2.2(80) hit-cnt 1 first hit [0x1, 0x0]',
    [4001, 5, 2, '10.1.1.1:5', '10.2.2.2:80'],
  ],
  ['6-113004: AAA user authentication Successful : server =  10.9.9.9 : user = bob', [3002, 1, 1, ':', ':']],
  [
    '6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.9.9.9 : user = bob : user IP = 10.1.1.1',
    [3002, 1, 2, '10.1.1.1:', ':'],
  ],
  [
    '6-113015: AAA user authentication Rejected : reason = Invalid password : local database : user = bob : user IP = 10.1.1.1',
    [3002, 1, 2, '10.1.1.1:', ':'],
  ],
  [
    '6-302013: Built outbound TCP connection 11 for outside:10.1.1.1/80 (10.1.1.1/80) to inside:10.2.2.2/5 (9.9.9.9/6)',
    [4001, 1, 1, '10.2.2.2:5', '10.1.1.1:80'],
  ],
  [
    '6-302013: Built inbound TCP connection 11 for outside:10.1.1.1/5 (10.1.1.1/5) to inside:10.2.2.2/80 (9.9.9.9/80)',
    [4001, 1, 1, '10.1.1.1:5', '10.2.2.2:80'],
  ],
  [
    '6-302014: Teardown TCP connection 11 for outside:10.1.1.1/80 to inside:10.2.2.2/5 duration 0:01:07 bytes 38110 TCP FINs',
    [4001, 2, 1, '10.1.1.1:80', '10.2.2.2:5'],
  ],
  [
    '6-302014: Teardown TCP connection 11 for outside:10.1.1.1/80 to inside:10.2.2.2/5 duration 0:01:07 bytes 38110 TCP Reset-I',
    [4001, 3, 2, '10.1.1.1:80', '10.2.2.2:5'],
  ],
  [
    '6-302016: Teardown UDP connection 11 for outside:10.1.1.1/53 to inside:10.2.2.2/5 duration 0:02:01 bytes 64',
    [4001, 2, 1, '10.1.1.1:53', '10.2.2.2:5'],
  ],
  [
    '6-302020: Built inbound ICMP connection for faddr 10.1.1.1/8 gaddr 10.2.2.2/0 laddr 10.2.2.2/0 type 8 code 0',
    [4001, 1, 1, '10.1.1.1:', '10.2.2.2:'],
  ],
  [
    '6-305011: Built dynamic TCP translation from inside:10.2.2.2/1 to outside:10.1.1.1/2',
    [4001, 1, 1, '10.2.2.2:1', '10.1.1.1:2'],
  ],
  [
    '6-305012: Teardown dynamic TCP translation from inside:10.2.2.2/1 to outside:10.1.1.1/2 duration 0:00:30',
    [4001, 2, 1, '10.2.2.2:1', '10.1.1.1:2'],
  ],
  [
    '6-605004: Login denied from 10.1.1.1/5 to outside:10.2.2.2/ssh for user "bob"',
    [3002, 1, 2, '10.1.1.1:5', '10.2.2.2:'],
  ],
  [
    '6-605005: Login permitted from 10.1.1.1/5 to inside:10.2.2.2/https for user "bob"',
    [3002, 1, 1, '10.1.1.1:5', '10.2.2.2:'],
  ],
  [
    '4-722051: Group <g> User <bob> IP <10.1.1.1> IPv4 Address <10.7.7.7> IPv6 address <::> assigned to session',
    [4014, 1, 1, '10.1.1.1:', ':'],
  ],
  [
    '6-113019: Group = g, Username = bob, IP = 10.1.1.1, Session disconnected. Session Type: SSL, Duration: 1h:02m:03s, Bytes xmt: 5, Bytes rcv: 6, Reason: User Requested',
    [4014, 2, 1, '10.1.1.1:', ':'],
  ],
  [
    '6-302013: Built inbound Probe TCP connection 12 for inside:10.2.2.2/5 (10.2.2.2/5) to NP Identity Ifc:10.2.2.1/22 (10.2.2.1/22)',
    [4001, 1, 1, '10.2.2.2:5', '10.2.2.1:22'],
  ],
  [
    '6-302014: Teardown TCP connection 12 for inside:10.2.2.2/5(LOCAL\\bob) to NP Identity Ifc:10.2.2.1/22 duration 0:00:09 bytes 7 TCP Reset-O from inside (bob)',
    [4001, 3, 2, '10.2.2.2:5', '10.2.2.1:22'],
  ],
  [
    '6-302017: Built inbound GRE connection 13 from outside:10.1.1.1 (10.1.1.1) to inside:10.2.2.2/7 (10.9.9.9/7)',
    [4001, 1, 1, '10.1.1.1:', '10.2.2.2:7'],
  ],
  [
    '6-302018: Teardown GRE connection 13 from outside:10.1.1.1 (10.1.1.1) to inside:10.2.2.2/7 (10.9.9.9/7) duration 0:00:09 bytes 70',
    [4001, 2, 1, '10.1.1.1:', '10.2.2.2:7'],
  ],
  [
    '6-302020: Built outbound ICMP connection for faddr 10.1.1.1/0 gaddr 10.9.9.9/3 laddr 10.2.2.2/3(LOCAL\\bob) type 8 code 0',
    [4001, 1, 1, '10.2.2.2:', '10.1.1.1:'],
  ],
  [
    '6-302021: Teardown ICMP connection for faddr 10.1.1.1/0(LOCAL\\bob) gaddr 10.9.9.9/3 laddr 10.2.2.2/3 type 8 code 0',
    [4001, 2, 1, '10.1.1.1:', '10.2.2.2:'],
  ],
  [
    '6-305011: Built dynamic TCP translation from inside:10.2.2.2/1(LOCAL\\bob) to outside(nat_acl):10.1.1.1/2',
    [4001, 1, 1, '10.2.2.2:1', '10.1.1.1:2'],
  ],
  ["6-605004: Login denied from serial to console for user 'bob'", [3002, 1, 2, ':', ':']],
  [
    '6-113005: AAA user authorization Rejected: reason = Unspecified: server = 10.9.9.9, User = bob : user IP = None',
    [3002, 1, 2, ':', ':'],
  ],
  ['5-111008: User enable_15 executed the write mem command.', [0, 0, undefined, ':', ':']],
];

test('ASA: what happened between whom; who began an outbound connection is the inner end', () => {
  for (const [message, expected] of ASA)
    assert.deepEqual(summary(map(`<166>Oct 10 2018 12:34:56 fw1 : %ASA-${message}`)), expected, message);
});

test('ASA: a user behind an address is no translated address', () => {
  const { fields } = map(
    '%ASA-6-302014: Teardown TCP connection 12 for inside:10.2.2.2/5(LOCAL\\bob) to outside:10.1.1.1/22 duration 0:00:09 bytes 7 TCP FINs',
  );
  assert.deepEqual([fields['src_user'], fields['src_mapped']], ['LOCAL\\bob', undefined]);
  const ping = map(
    '%ASA-6-302020: Built inbound ICMP connection for faddr 10.1.1.1/0 gaddr 10.9.9.9/3 laddr 10.2.2.2/3 type 8 code 0',
  );
  assert.deepEqual([ping.fields['icmp_type'], ping.fields['icmp_code']], ['8', '0']);
});

test('ASA: times with and without year, host and program', () => {
  for (const head of [
    'Oct 10 2018 12:34:56 fw1 CiscoASA[9]: ',
    '<166>Oct 10 2018 12:34:56: ',
    '<166>:Oct 10 2018 12:34:56 UTC: ',
  ]) {
    const { event } = map(
      `${head}%ASA-6-302016: Teardown UDP connection 11 for a:10.1.1.1/53 to b:10.2.2.2/5 duration 0:02:01 bytes 64`,
    );
    assert.equal(event.time, Date.UTC(2018, 9, 10, 12, 34, 56));
    assert.equal(event['duration'], 121_000);
    assert.equal(event['is_src_dst_assignment_known'], false);
  }
  const { event } = map(
    '<166>%ASA-6-302016: Teardown UDP connection 11 for a:10.1.1.1/53 to b:10.2.2.2/5 duration 0:02:01 bytes 64',
  );
  assert.deepEqual(event.metadata.labels, ['time:received']);
});

test('ASA: the published pairs agree but for the ends of the outbound connection', skipWithoutShared, () => {
  const root = 'formats/ocsf-pairs/Cisco/v1.3.0/ASA';
  const differing: string[] = [];
  for (const id of readdirSync(sharedPath(root))) {
    const base = sharedPath(`${root}/${id}/samples/cisco_asa_${id}`);
    const expected: OcsfEvent = JSON.parse(readFileSync(`${base}.ocsf`, 'utf8'));
    const { event } = map(readFileSync(`${base}.raw`, 'utf8'));
    assert.equal(event.time, expected.time);
    if (JSON.stringify(summary({ event })) !== JSON.stringify(summary({ event: expected }))) differing.push(id);
  }
  assert.deepEqual(differing, ['302015']);
});

const FORTI =
  'date=2024-10-14 time=13:46:40 eventtime=1728938800841267391 tz="-0700" logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" remip=10.1.1.1 user="bob" reason="x" msg="SSL user failed"';
const FORTI_TRAFFIC =
  '<189>date=2024-10-14 time=13:46:40 devname="fw1" devid="FG1" tz="-0700" logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.1.1.1 srcport=5 dstip=10.2.2.2 dstport=443 proto=6 action="deny" policyid=0 sentbyte=0';

test('FortiGate: nanoseconds, else date and time in the stated zone', () => {
  const login = map(FORTI);
  assert.deepEqual([login.event.time, login.event.metadata.original_time], [1_728_938_800_841, '1728938800841267391']);
  assert.deepEqual(summary(login), [3002, 1, 2, '10.1.1.1:', ':']);
  const traffic = map(FORTI_TRAFFIC);
  assert.deepEqual([traffic.event.time, traffic.event.metadata.labels], [1_728_938_800_000, undefined]);
  assert.deepEqual(summary(traffic), [4001, 5, undefined, '10.1.1.1:5', '10.2.2.2:443']);
  assert.equal(traffic.event['action_id'], 2);
});

test('FortiGate: seconds before FortiOS 6.2, and times of FortiAnalyzer in front', () => {
  const line =
    'itime=1550257080 date=2019-02-15 time=10:57:56 logid="0000000013" type="traffic" subtype="forward" level="notice" eventtime=1550257076 srcip=10.1.1.1 srcport=5 dstip=10.2.2.2 dstport=443 proto=6 action="client-rst" timestamp=7 host="x"';
  const reset = map(`<189>Feb 15 10:58:00 relay ${line}`);
  assert.deepEqual([reset.event.time, reset.event.metadata.labels], [1_550_257_076_000, undefined]);
  assert.deepEqual(summary(reset), [4001, 3, undefined, '10.1.1.1:5', '10.2.2.2:443']);
  assert.equal(reset.event['action_id'], 1);
  const { host, own_host, timestamp, own_timestamp } = reset.fields;
  assert.deepEqual([host, own_host, timestamp, own_timestamp], ['relay', 'x', 'Feb 15 10:58:00', '7']);
  for (const [action, activity] of [
    ['start', 1],
    ['timeout', 2],
    ['server-rst', 3],
    ['ip-conn', 4],
    ['deny', 5],
  ] as const)
    assert.equal(map(line.replace('client-rst', action)).event.activity_id, activity, action);
});

test('FortiGate: an administrator comes in, and fails to', () => {
  const line =
    'date=2024-10-14 time=13:46:40 logid="0100032001" type="event" subtype="system" level="information" logdesc="Admin login successful" user="anna" ui="ssh(10.1.1.1)" method="ssh" srcip=10.1.1.1 dstip=10.2.2.2 action="login" status="success"';
  assert.deepEqual(summary(map(line)), [3002, 1, 1, '10.1.1.1:', '10.2.2.2:']);
  assert.deepEqual(summary(map(line.replace('"success"', '"failed"'))), [3002, 1, 2, '10.1.1.1:', '10.2.2.2:']);
});

test('FortiGate: a user that the device does not know is not made one', () => {
  assert.deepEqual(map(FORTI.replace('user="bob"', 'user="N/A"')).event.metadata.labels, ['class:3002', 'activity:1']);
});

const PAN = (type: string, rest: string): string =>
  `<14>2023-07-06T08:11:40+02:00 fw 1,2023/07/06 08:11:40,0164,${type},2023/07/06 08:11:39,${rest}`;
const PAN_TRAFFIC = PAN(
  'TRAFFIC,end,2561',
  '10.1.1.1,10.2.2.2,,,"rule, one",dom\\bob,,web-browsing,vsys1,Trust,Untrust,e1,e2,,,77,1,5,443,0,0,0x0,tcp,allow,300,100,200,9',
);
const PAN_LOGIN = PAN(
  'GLOBALPROTECT,0,2561',
  'vsys1,gateway-auth,login,SAML,,bob,DE,LAPTOP1,10.1.1.1,0.0.0.0,,,id,,,,,1,,bad password,,failure,,0,,0,gw1,5,0x0',
);

test('PAN-OS: columns by type, quoted commas, the finer time where there is one', () => {
  const traffic = map(PAN_TRAFFIC);
  assert.equal(traffic.fields['rule'], 'rule, one');
  assert.equal(traffic.event.metadata['transmit_time'], Date.UTC(2023, 6, 6, 6, 11, 40));
  assert.deepEqual(summary(traffic), [4001, 2, undefined, '10.1.1.1:5', '10.2.2.2:443']);
  assert.deepEqual(
    [traffic.event.time, traffic.event.metadata.labels],
    [Date.UTC(2023, 6, 6, 8, 11, 39), ['time:zone-assumed']],
  );
  assert.equal(
    map(`${PAN_TRAFFIC}${',x'.repeat(90)},2023-07-06T08:11:39.288+02:00`).event.time,
    Date.UTC(2023, 6, 6, 6, 11, 39, 288),
  );
  const login = map(PAN_LOGIN);
  assert.deepEqual(summary(login), [3002, 1, 2, '10.1.1.1:', ':']);
  assert.equal(map(PAN('SYSTEM,general,0', 'vsys1,general,,0,0,general,high,"a, b",5,0x0')).event.message, 'a, b');
});

const PF4 =
  '<134>Feb 14 19:04:54 filterlog[7]: 5,,,1000000103,igb0,match,block,in,4,0x0,,64,1,0,DF,6,tcp,60,10.1.1.1,10.2.2.2,5,443,0,S,1,,64240,,mss';
const PF6 =
  '<134>1 2026-02-14T19:04:54Z fw filterlog 7 - - 5,,,1000000105,igb0,match,pass,out,6,0x00,0x1,64,UDP,17,60,fe80::1,ff02::2,546,547,52';

test('pfSense: both versions of IP', () => {
  assert.deepEqual(summary(map(PF4)), [4001, 5, undefined, '10.1.1.1:5', '10.2.2.2:443']);
  const six = map(PF6);
  assert.deepEqual(summary(six), [4001, 6, undefined, 'fe80::1:546', 'ff02::2:547']);
  assert.deepEqual([six.event['action_id'], six.event.time], [1, Date.UTC(2026, 1, 14, 19, 4, 54)]);
});

test('every real line is read, mapped and comes back', skipWithoutShared, () => {
  const lines = ['crowdsec-fortinet-vpn-bf-fortinet-vpn-bf', 'crowdsec-palo-alto-threat-palo-alto-threat'].flatMap(
    (file) =>
      readFileSync(sharedPath(`formats/vpn-firewall/${file}.log`), 'utf8')
        .split('\n')
        .filter(Boolean),
  );
  assert.equal(lines.length, 11);
  for (const line of lines) assert.notEqual(map(line).event, undefined);
  const threat = map(lines[9] ?? '');
  assert.deepEqual(summary(threat), [4001, 5, undefined, '1.2.3.2:47094', '1.2.3.3:22']);
  assert.deepEqual([threat.event.severity_id, threat.event.time], [4, Date.UTC(2023, 6, 6, 6, 11, 40, 288)]);
});

test('cells of a line are those that were written', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ' '), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 9 }), (cells) => {
      assert.deepEqual(readCsvLine(cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')), cells);
    }),
  );
  assert.deepEqual(readCsvLine('a,,"b,c",d"e,'), ['a', '', 'b,c', 'd"e', '']);
  assert.deepEqual(readCsvLine('"open, to the end'), ['open, to the end']);
  assert.equal(readCsvLine(','.repeat(5000)), null);
});

const LINES = [
  ...ASA.map(([message]) => `Oct 10 2018 12:34:56 fw1 : %ASA-${message}`),
  FORTI,
  FORTI_TRAFFIC,
  PAN_TRAFFIC,
  PAN_LOGIN,
  PF4,
  PF6,
];

test('whatever the fields hold, the event is valid and nothing is lost', () =>
  checkFamiliesNeverLose(FAMILIES.values(), LINES.map(read)));

test('no line makes a source throw', () => fuzzEnvelopedLines(SOURCES, LINES));
