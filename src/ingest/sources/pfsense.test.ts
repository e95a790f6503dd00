import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { splitEnvelope } from '../syslog/envelope.ts';
import type { NativeFields } from '../types.ts';
import { pfsense, pfsenseFamily } from './pfsense.ts';

function packet(version: string, rest: string): NativeFields {
  const line = `<134>Feb 14 19:04:54 filterlog[7]: 5,,,1000000103,igb0,match,block,in,${version},${rest}`;
  const { envelope, text } = splitEnvelope(line);
  const parsed = pfsense.parse(text, envelope);
  assert.ok(parsed !== null && 'family' in parsed);
  checkRecord(pfsenseFamily, parsed.fields);
  return parsed.fields;
}

test('pfSense: what ICMP and CARP say; a packet cut short has no ports', () => {
  const v4 = (protocol: string, rest: string): NativeFields =>
    packet('4', `0x0,,64,1,0,none,${protocol},84,10.1.1.1,10.2.2.2,${rest}`);
  const ping = v4('1,icmp', 'request,77,3');
  assert.deepEqual([ping['icmp_type'], ping['icmp_id'], ping['icmp_seq']], ['request', '77', '3']);
  const closed = v4('1,icmp', 'unreachport,10.3.3.3,17,53');
  assert.deepEqual([closed['icmp_dst_ip'], closed['icmp_protonum'], closed['icmp_dst_port']], ['10.3.3.3', '17', '53']);
  assert.equal(v4('1,icmp', 'timeexceed,10.3.3.3 time exceeded')['icmp_description'], '10.3.3.3 time exceeded');
  assert.equal(v4('1,icmp', 'datalength=8')['data'], 'datalength=8');
  assert.equal(v4('112,carp', 'advertise,255,3,2,100,1')['vhid'], '3');
  assert.equal(v4('6,tcp', "errormsg='too short'")['src_port'], undefined);
  assert.equal(packet('6', '0x00,0x1,1,HOPOPT,0,56,fe80::1,ff02::16,HBH,RTALERT')['data'], 'HBH,RTALERT');
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  const fields = packet('4', '0x0,,64,1,0,none,1,icmp,84,10.1.1.1,10.2.2.2,needfrag,10.3.3.3,1400');
  checkFamilyNeverLoses(pfsenseFamily, [{ family: 'pfsense', fields }], 150);
});
