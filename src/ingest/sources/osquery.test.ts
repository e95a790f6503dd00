import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { checkPanther, parseAll } from '../../../test/support/panther.ts';
import { skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { osquery } from './osquery.ts';

const [family] = osquery.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  name: 'pack_response_process_events',
  hostIdentifier: 'ct-01',
  calendarTime: 'Sun Feb  1 09:00:00 2026 UTC',
  unixTime: '1769936400',
  action: 'added',
  columns: { pid: '500', parent: '1', path: '/usr/bin/curl', cmdline: 'curl x', uid: '0' },
};

test('a process event is the launch of a process', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 100701);
  assert.equal(event.time, 1_769_936_400_000);
});

test('a snapshot gives one record a row; rows without a class stay base events of their host', () => {
  const { records } = parseAll(osquery, [
    { name: 'ports', action: 'snapshot', hostIdentifier: 'ct-01', snapshot: [{ port: '22' }, { port: '80' }] },
  ]);
  assert.equal(records.length, 2);
  const event = checkRecord(family, records[0]?.fields ?? {});
  assert.equal(event.class_uid, 0);
  assert.deepEqual(event['device'], { type_id: 0, hostname: 'ct-01' });
  assert.deepEqual(event.unmapped?.['columns'], { port: '22' });
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'osquery', fields: RECORD }]);
});

test('the published rule tests are read, valid and lossless', skipWithoutShared, () => {
  const classed = checkPanther(osquery, 'osquery/panther-osquery_rules.ndjson', { records: 25, others: 0 });
  assert.ok(classed >= 25, `${classed} have the class that they are meant for`);
});
