import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import { ocsfJson } from './ocsf-json.ts';

const [family] = ocsfJson.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  class_uid: 6005,
  category_uid: 6,
  activity_id: 1,
  type_uid: 600501,
  severity_id: 1,
  time: 1_769_936_400_123,
  status_id: 1,
  message: 'record read',
  metadata: { version: '1.8.0', product: { name: 'EHR', vendor_name: 'Example' }, uid: 'e1', profiles: ['phi_access'] },
  actor: { user: { name: 'ann' } },
  src_endpoint: { ip: '198.51.100.7' },
  database: { name: 'ehr', type_id: 1 },
  patient: { uid: '17' },
  purpose_of_use: 'TREAT',
  unmapped: { shift: 'night' },
};

test('a valid event is passed on as it is', () => {
  const event = checkRecord(family, RECORD);
  assert.equal(event.type_uid, 600501);
  assert.equal(event.time, 1_769_936_400_123);
  assert.deepEqual(event['patient'], { uid: '17' });
  assert.deepEqual(event.metadata.product, { name: 'EHR', vendor_name: 'Example' });
  assert.equal(event.metadata.uid, 'e1');
  assert.deepEqual(event.unmapped?.['unmapped'], { shift: 'night' });
});

test('what the schema has no place for stays under its own name', () => {
  const event = checkRecord(family, {
    ...RECORD,
    classname: 'x',
    src_endpoint: { ip: '-', name: 'pc' },
    status_id: 77,
  });
  assert.equal(event.class_uid, 6005);
  assert.deepEqual(event['src_endpoint'], { name: 'pc' });
  assert.deepEqual(event.unmapped?.['src_endpoint'], { ip: '-', name: 'pc' });
  assert.deepEqual([event.unmapped?.['classname'], event.unmapped?.['status_id']], ['x', 77]);
});

test('attributes of a profile that is not stated are kept beside the event, at its top and in its metadata, too', () => {
  const twins = { start_time_dt: '2026-01-01T00:00:00Z' };
  const metadata = { ...(RECORD.metadata as object), processed_time_dt: '2026-01-01T00:00:00Z' };
  const event = checkRecord(family, { ...RECORD, ...twins, metadata });
  assert.equal(event.class_uid, 6005);
  assert.equal(event['start_time_dt'], undefined);
  assert.equal(event.metadata['processed_time_dt'], undefined);
  assert.equal(event.unmapped?.['start_time_dt'], twins.start_time_dt);
  const stated = checkRecord(family, {
    ...RECORD,
    ...twins,
    metadata: { ...metadata, profiles: ['phi_access', 'datetime'] },
  });
  assert.equal(stated['start_time_dt'], twins.start_time_dt);
  assert.equal(stated.metadata['processed_time_dt'], metadata.processed_time_dt);
});

test('an event without what its class requires becomes a base event that keeps every attribute', () => {
  const event = checkRecord(family, { ...RECORD, src_endpoint: { ip: '-' } });
  assert.equal(event.class_uid, 0);
  assert.ok(event.metadata.labels?.includes('class:6005'));
});

test('an event without type, or of a class that 1.8.0 does not have, is kept', () => {
  const { type_uid: _, ...untyped } = RECORD;
  const event = checkRecord(family, untyped);
  assert.equal(event.type_uid, 600501);
  assert.deepEqual(event.metadata.labels, ['added:type_uid']);
  assert.equal(checkRecord(family, { ...RECORD, class_uid: 3008 }).class_uid, 0);
});

test('a required enumeration that is missing is unknown in the event, and missing again when read back', () => {
  const { type_uid: _, ...base } = RECORD;
  const finding = { title: 'x', uid: '1' };
  const event = checkRecord(family, { ...base, class_uid: 2001, category_uid: 2, finding, state: 'New' });
  assert.ok(event.class_uid === 0 || event['state_id'] === 0);
  assert.ok(event.metadata.labels?.includes('added:state_id'));
});

test('a time that is not one is not invented', () => {
  const event = checkRecord(family, { ...RECORD, time: 'now' });
  assert.ok(event.metadata.labels?.includes('time:received'));
  assert.equal(
    checkRecord(family, { ...RECORD, time: 1, time_dt: '2026-02-01T09:00:00+01:00' }).time,
    Date.UTC(2026, 1, 1, 8),
  );
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'ocsf', fields: RECORD }], 2000);
});

test('published events of versions 0.1 to 1.5 are read, valid and lossless', skipWithoutShared, () => {
  const folder = sharedPath('formats/ocsf-pairs/');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(?:ocsf|json)$/.test(file),
  );
  const events = files.flatMap((file) => parse(readFileSync(folder + file, 'utf8')));
  assert.equal(events.length, 31);
  assert.ok(events.every((event) => ocsfJson.accepts(event)));
  const kept = events.filter((event) => checkRecord(family, event).class_uid !== 0);
  assert.equal(kept.length, 26);
  checkFamilyNeverLoses(
    family,
    events.map((fields) => ({ family: 'ocsf', fields })),
    300,
  );
});

function parse(text: string): NativeFields[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
