import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzEnvelopedLines } from '../../../test/support/line-source.ts';
import type { OcsfEvent } from '../ocsf/types.ts';
import { splitEnvelope } from '../syslog/envelope.ts';
import type { NativeFields } from '../types.ts';
import { paloalto, paloaltoFamily } from './paloalto.ts';
import { columnsOf } from './paloalto/columns.ts';

function read(line: string): NativeFields {
  const { envelope, text } = splitEnvelope(line);
  const parsed = paloalto.parse(text, envelope);
  assert.ok(parsed !== null && 'family' in parsed, line);
  return parsed.fields;
}

function map(line: string): { fields: NativeFields; event: OcsfEvent } {
  const fields = read(line);
  return { fields, event: checkRecord(paloaltoFamily, fields) };
}

/** Class, activity, status and where it came from. */
function summary({ event }: { event: OcsfEvent }): unknown[] {
  const { ip } = (event['src_endpoint'] ?? {}) as { ip?: string };
  return [event.class_uid, event.activity_id, event.status_id, ip];
}

const PAN = (type: string, rest: string): string =>
  `<14>2023-07-06T08:11:40+02:00 fw 1,2023/07/06 08:11:40,0164,${type},2023/07/06 08:11:39,${rest}`;
const GP = (eventid: string, tail = ''): string =>
  PAN(
    'GLOBALPROTECT,0,2817',
    `vsys1,${eventid},login,LDAP,IPSec,ward\\anna,DE,LAPTOP7,10.1.1.1,0.0.0.0,10.9.0.4,0.0.0.0,id7,sn7,6.2.4,Windows,"Windows 11, 64-bit",1,,,,success,,0,on-demand,0,gw1,8,0x0${tail}`,
  );
const GP_CONNECTED = GP(
  'gateway-connected',
  ',2023-07-06T08:11:39.123+02:00,manual,12,1,"gw1,gw2",gw1,7,8,0,0,,fw1,1,',
);
const PAN_CONFIG = PAN(
  'CONFIG,0,2561',
  '10.1.1.1,,set,anna,Web,Succeeded,vsys vsys1 rulebase,9,0x8000000000000000,0,0,0,0,,fw1',
);
const PAN_CHANGE = PAN(
  'CONFIG,0,2561',
  '10.1.1.1,,delete,anna,CLI,Unauthorized,vsys vsys1 rulebase,"a, b",,9,0x8000000000000000,0,0,0,0,,fw1',
);
const PAN_AUTH = PAN(
  'AUTHENTICATION,auth,2561',
  'vsys1,10.1.1.1,bob,ward\\bob,ldap-profile,policy1,1,77,,,srv1,wrong password,Captive Portal,failure,1,9,0x0,0,0,0,0,,fw1,1,LDAP,rule-7,2023-07-06T08:11:39.5+02:00',
);

test('PAN-OS: a GlobalProtect tunnel is one, and its columns go on behind the action flags', () => {
  const connected = map(GP_CONNECTED);
  assert.deepEqual(summary(connected), [4014, 1, 1, '10.1.1.1']);
  assert.deepEqual(connected.event['tunnel_interface'], { ip: '10.9.0.4' });
  const { attempted_gateways, device_name, vsys_id, client_os_ver } = connected.fields;
  assert.deepEqual(
    [attempted_gateways, device_name, vsys_id, client_os_ver],
    ['gw1,gw2', 'fw1', '1', 'Windows 11, 64-bit'],
  );
  assert.equal(connected.event.time, Date.UTC(2023, 6, 6, 6, 11, 39, 123));
  assert.deepEqual(summary(map(GP('gateway-config-release'))), [4014, 2, 1, '10.1.1.1']);
  assert.deepEqual(summary(map(GP('gateway-hip-report'))), [4014, 99, 1, '10.1.1.1']);
  assert.deepEqual(summary(map(GP('gateway-logout'))), [3002, 2, 1, '10.1.1.1']);
});

test('PAN-OS: a change of the configuration, with and without what was changed; who made it stands beside the firewall', () => {
  const set = map(PAN_CONFIG);
  assert.deepEqual(summary(set), [3004, 3, 1, '10.1.1.1']);
  const { host, client_host, seqno, device_name } = set.fields;
  assert.deepEqual([host, client_host, seqno, device_name], ['fw', '10.1.1.1', '9', 'fw1']);
  const removed = map(PAN_CHANGE);
  assert.deepEqual(summary(removed), [3004, 4, 2, '10.1.1.1']);
  assert.deepEqual([removed.fields['before_change_detail'], removed.fields['seqno']], ['a, b', '9']);
});

test('PAN-OS: authentication, and the columns behind the rule in traffic and threat', () => {
  const login = map(PAN_AUTH);
  assert.deepEqual(summary(login), [3002, 1, 2, '10.1.1.1']);
  assert.equal(login.event.time, Date.UTC(2023, 6, 6, 6, 11, 39, 500));
  const columns = columnsOf(['', '', '', 'TRAFFIC']);
  const cells = columns.map((name, i) => (i < 7 || name === '' ? '' : `${i}`));
  cells.splice(0, 7, '1', '2023/07/06 08:11:40', '0164', 'TRAFFIC', 'end', '', '2023/07/06 08:11:39');
  cells[columns.indexOf('action')] = 'allow';
  cells[columns.indexOf('session_end_reason')] = 'tcp-rst-from-client';
  cells[columns.indexOf('high_res_timestamp')] = '2023-07-06T08:11:39.5+02:00';
  const traffic = map(cells.join(','));
  assert.equal(traffic.event.activity_id, 3);
  assert.deepEqual([columns.length, traffic.fields['rule_uuid'], traffic.fields['offloaded']], [115, '65', '114']);
});

const LINES = [GP_CONNECTED, PAN_CONFIG, PAN_CHANGE, PAN_AUTH];

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(
    paloaltoFamily,
    LINES.map((line) => ({ family: 'paloalto', fields: read(line) })),
    150,
  );
});

test('no line makes the source throw', () => fuzzEnvelopedLines([paloalto], LINES));
