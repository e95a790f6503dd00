import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzEnvelopedLines } from '../../../test/support/line-source.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { splitEnvelope } from '../syslog/envelope.ts';
import type { NativeRecord } from '../types.ts';
import { cef, cefFamily } from './cef.ts';
import { leef, leefFamily } from './leef.ts';

function read(line: string): NativeRecord {
  const { envelope, text } = splitEnvelope(line);
  const parsed = cef.parse(text, envelope) ?? leef.parse(text, envelope);
  assert.ok(parsed !== null && 'family' in parsed, line);
  return parsed;
}

const WEB =
  'Jul 25 09:56:42 waf.example ng[9] CEF:0||||N/A|IP Protection|Critical|rt=2022-07-14T08:19:43-05:00 cs1=My App 1 cs1Label=appName src=10.0.0.1 spt=38133 dpt=443 act=Block dhost=h.example request=/a?b\\=c requestMethod=GET requestClientApplication=Mozilla/5.0 (X; Y) msg=a \\= b\\nc';
const PLAIN =
  '<134>Feb 14 19:04:54 fw01 CEF:0|Sec|mgr|1.0|100|worm \\| stopped \\\\|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 act=blocked outcome=failure';

test('CEF: empty parts, escapes, values with blanks, labels', () => {
  const { fields } = read(WEB);
  assert.equal(fields['DeviceVendor'], '');
  assert.equal(fields['cs1'], 'My App 1');
  assert.equal(fields['appName'], 'My App 1');
  assert.equal(fields['request'], '/a?b=c');
  assert.equal(fields['requestClientApplication'], 'Mozilla/5.0 (X; Y)');
  assert.equal(fields['msg'], 'a = b\nc');
  const event = checkRecord(cefFamily, fields);
  assert.deepEqual([event.class_uid, event.activity_id, event.severity_id, event['action_id']], [4002, 3, 5, 2]);
  assert.equal(event.time, Date.UTC(2022, 6, 14, 13, 19, 43));
  assert.equal(event.metadata.product.name, 'CEF');
});

test('CEF: the name keeps its bar and its backslash; the header gives the time that the event lacks', () => {
  const { fields } = read(PLAIN);
  assert.equal(fields['Name'], 'worm | stopped \\');
  const event = checkRecord(cefFamily, fields);
  assert.deepEqual([event.class_uid, event.activity_id, event.severity_id, event.status_id], [4001, 5, 5, 2]);
  assert.deepEqual(event.metadata.labels, ['time:zone-assumed', 'time:year-assumed']);
});

test('a key that is called like a part of a header does not replace it', () => {
  const { fields } = read(
    '<134>1 2026-02-14T19:04:54Z fw01 app 7 - - CEF:0|Sec|mgr|1.0|100|worm|3|host=evil timestamp=0 severity=none Severity=10 cs1=x cs1Label=host src=10.0.0.1',
  );
  const { host, timestamp, severity, Severity } = fields;
  assert.deepEqual([host, timestamp, severity, Severity], ['fw01', '2026-02-14T19:04:54Z', 'info', '3']);
  const { own_host, own_timestamp, own_severity, own_Severity } = fields;
  assert.deepEqual([own_host, own_timestamp, own_severity, own_Severity], ['evil', '0', 'none', '10']);
  assert.equal(checkRecord(cefFamily, fields).time, Date.UTC(2026, 1, 14, 19, 4, 54));
  const bare = read('LEEF:1.0|V|P|1|E|timestamp=0\tEventID=F\tsrc=10.0.0.1').fields;
  assert.deepEqual(
    [bare['timestamp'], bare['own_timestamp'], bare['EventID'], bare['own_EventID']],
    [undefined, '0', 'E', 'F'],
  );
});

test('CEF: a header that is cut short is rejected with its reason', () => {
  assert.deepEqual(cef.parse('CEF:0|a|b|c', null), {
    reject: 'bad_cef',
    reason: 'the header ends before DeviceVersion',
  });
  assert.equal(cef.parse('hello CEF', null), null);
});

test('LEEF: both versions, and each way to name the delimiter', () => {
  const caret = read(
    '<13>1 2019-01-18T11:07:53.520Z 192.0.2.1 LEEF - - - LEEF:2.0|Lancope|SW|1.0|41|^|src=192.0.2.0^dst=172.50.123.1^sev=5',
  );
  assert.deepEqual([caret.fields['src'], caret.fields['dst'], caret.fields['sev']], ['192.0.2.0', '172.50.123.1', '5']);
  const event = checkRecord(leefFamily, caret.fields);
  const sent = Date.UTC(2019, 0, 18, 11, 7, 53, 520);
  assert.deepEqual([event.class_uid, event.severity_id, event.time], [4001, 3, sent]);
  assert.equal(event.metadata['transmit_time'], sent);
  for (const line of [
    'LEEF:1.0|V|P|1|E|a=1\tb=x y',
    'LEEF:2.0|V|P|1|E|x5E|a=1^b=x y',
    'LEEF:2.0|V|P|1|E|0x5E|a=1^b=x y',
    'LEEF:2.0|V|P|1|E||a=1\tb=x y',
    'LEEF:2.0|V|P|1|E|a=1\tb=x y',
  ]) {
    const { fields } = read(line);
    assert.deepEqual([fields['a'], fields['b']], ['1', 'x y'], line);
  }
  assert.deepEqual(leef.parse('LEEF:1.0|V', null), {
    reject: 'bad_leef',
    reason: 'the header ends before DeviceVendor',
  });
});

test('LEEF: the device says when', () => {
  for (const devTime of ['1547809673520', 'Jan 18 2019 11:07:53.520 UTC', '2019-01-18T11:07:53.520Z']) {
    const event = checkRecord(leefFamily, read(`LEEF:1.0|V|P|1|E|devTime=${devTime}\tsrc=10.0.0.1`).fields);
    assert.equal(event.time, 1_547_809_673_520);
  }
});

test('every real line is read, mapped and comes back', skipWithoutShared, () => {
  const lines = ['fortiweb-cef-sample', 'synthetic-edge-cases'].flatMap((file) =>
    readFileSync(sharedPath(`formats/cef-leef/${file}.log`), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
  assert.equal(lines.length, 5);
  for (const line of lines) {
    const record = read(line);
    checkRecord(record.family === 'cef' ? cefFamily : leefFamily, record.fields);
  }
});

test('CEF: what was written is read back', () => {
  const key = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/);
  const value = fc.string({ maxLength: 20 }).map((text) => text.trim().replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), value, (extension, name) => {
      const pairs = Object.entries(extension).map(([one, text]) => `${one}=${text.replace(/([\\=])/g, '\\$1')}`);
      const { fields } = read(`CEF:0|v|p|1|id|${name.replace(/([\\|])/g, '\\$1')}|5|${pairs.join(' ')}`);
      assert.equal(fields['Name'], name);
      for (const one in extension) assert.equal(fields[one], extension[one]);
    }),
  );
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(cefFamily, [read(WEB), read(PLAIN)]);
  checkFamilyNeverLoses(leefFamily, [read('LEEF:2.0|V|P|1|E|^|src=10.0.0.1^dst=10.0.0.2^srcPort=4^usrName=u^sev=9')]);
});

test('no line makes a source throw', () =>
  fuzzEnvelopedLines([cef, leef], [WEB, PLAIN, 'LEEF:2.0|V|P|1|E|^|src=10.0.0.1^dst=10.0.0.2']));
