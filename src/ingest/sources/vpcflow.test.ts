import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import type { Head, NativeRecord } from '../types.ts';
import { vpcflow } from './vpcflow.ts';

const [family] = vpcflow.families;
assert.ok(family !== undefined);

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status flow-direction';
const REJECTED =
  '2 123456789012 eni-0a1b2c3d 198.51.100.7 192.0.2.5 40000 3389 6 4 240 1769936400 1769936460 REJECT OK ingress';
const NO_DATA = '2 123456789012 eni-0a1b2c3d - - - - - - - 1769936400 1769936460 - NODATA';

const headOf = (text: string): Head => ({ name: 'flow.log', bytes: Buffer.from(text), text, json: undefined });

function read(...lines: string[]): NativeRecord[] {
  const reader = vpcflow.open(null);
  return lines.flatMap((line) => {
    const parsed = reader.line(line);
    assert.ok(parsed === null || 'family' in parsed, line);
    return parsed ?? [];
  });
}

test('a flow that was refused is refused network activity, at the time at which it began', () => {
  const [record] = read(HEADER, REJECTED);
  const event = checkRecord(family, record?.fields ?? {});
  assert.deepEqual([event.type_uid, event['action_id'], event.time], [400105, 2, 1_769_936_400_000]);
  assert.deepEqual(event['connection_info'], { direction_id: 1, protocol_num: 6 });
  assert.deepEqual(event['traffic'], { packets: 4, bytes: 240 });
});

test('files without a header have the default columns; a line without data names no one', () => {
  assert.ok(vpcflow.recognise(headOf(NO_DATA)));
  assert.ok(vpcflow.recognise(headOf(NO_DATA.replace('123456789012', 'unknown'))));
  const [record] = read(NO_DATA);
  const event = checkRecord(family, record?.fields ?? {});
  assert.equal(event['src_endpoint'], undefined);
  assert.equal(event.unmapped?.['srcaddr'], '-');
});

test('the columns of a data lake are read under the names that AWS documents', () => {
  const lines = ['account_id,srcaddr,dstaddr,start,action', '123456789012,198.51.100.7,192.0.2.5,1769936400,ACCEPT'];
  assert.ok(vpcflow.recognise(headOf(lines.join('\n'))));
  const [record] = read(...lines);
  assert.equal(record?.fields['account-id'], '123456789012');
  assert.equal(checkRecord(family, record?.fields ?? {}).type_uid, 400106);
});

test('a reader goes on behind the last line with the columns that it had', () => {
  const first = vpcflow.open(null);
  assert.equal(first.line(HEADER), null);
  const second = vpcflow.open(first.state());
  assert.deepEqual(second.line(REJECTED), first.line(REJECTED));
});

test('a line with another number of columns is rejected with its reason', () => {
  const parsed = vpcflow.open(null).line(`${NO_DATA} more`);
  assert.deepEqual(parsed, { reject: 'bad_csv', reason: 'the line has 15 columns, its header 14' });
});

test('other tables are not recognised', () => {
  for (const text of ['', 'a b c', '#fields ts uid id.orig_h', '2 files changed'])
    assert.equal(vpcflow.recognise(headOf(text)), false);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, read(HEADER, REJECTED));
});

test('no line makes the reader throw', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom(HEADER, REJECTED, NO_DATA), fc.nat({ max: 160 }), fc.string())
      .map(([text, at, noise]) => text.slice(0, at) + noise),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      const reader = vpcflow.open(null);
      for (const one of lines) reader.line(one);
    }),
    { numRuns: fuzzInputs() },
  );
});
