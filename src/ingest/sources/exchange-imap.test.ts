import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzLines, logLines, parseLine } from '../../../test/support/line-source.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import { exchangeImap } from './exchange-imap.ts';

const [family] = exchangeImap.families;
assert.ok(family !== undefined);

const FAILED =
  '2026-02-01T09:00:00.530Z,000000000000000E,2,192.0.2.1:143,198.51.100.7:35070,ann,168,31,31,authenticate,PLAIN,"R=""2 NO AUTHENTICATE failed."";Msg=""AuthFailed:LogonDenied,User: ann""",';
const COMMAND =
  '2026-02-01T09:00:00.530Z,000000000000000F,3,[2001:db8::1]:993,[2001:db8::7]:35070,ann,1,8,20,select,inbox,R=ok,';

test('a failed sign-in has its user, addresses and outcome', () => {
  const { fields } = parseLine(exchangeImap, FAILED);
  assert.equal(fields['context'], 'R="2 NO AUTHENTICATE failed.";Msg="AuthFailed:LogonDenied,User: ann"');
  const event = checkRecord(family, fields);
  assert.deepEqual([event.type_uid, event.status_id], [300201, 2]);
  assert.deepEqual(event['src_endpoint'], { ip: '198.51.100.7', port: 35_070 });
  assert.deepEqual(event['dst_endpoint'], { ip: '192.0.2.1', port: 143 });
});

test('other commands are network activity', () => {
  const event = checkRecord(family, parseLine(exchangeImap, COMMAND).fields);
  assert.deepEqual([event.type_uid, event.status_id], [400106, 1]);
  assert.deepEqual(event['src_endpoint'], { ip: '2001:db8::7', port: 35_070 });
});

test('headers and other comma-separated lines are left to other sources', () => {
  for (const line of [
    '#Software: Microsoft Exchange Server',
    'dateTime,sessionId,seqNumber',
    '2026-02-01T09:00:00Z,x,1,a',
    `${FAILED}"never ends`,
  ])
    assert.equal(exchangeImap.parse(line, null), null);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [parseLine(exchangeImap, FAILED), parseLine(exchangeImap, COMMAND)]);
});

test('no line makes the parser throw', () => fuzzLines(exchangeImap, [FAILED, COMMAND]));

test('the real log is read, valid and lossless', skipWithoutShared, () => {
  for (const line of logLines('m365/crowdsec-exchange-imap-logs-exchange-imap-logs.log'))
    assert.equal(checkRecord(family, parseLine(exchangeImap, line).fields).status_id, 2);
});
