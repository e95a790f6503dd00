import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../../test/support/shared.ts';
import type { NativeFields } from '../../types.ts';
import { openemr } from './openemr.ts';

const [family] = openemr.families;
assert.ok(family !== undefined);

const ROW: NativeFields = {
  id: '52',
  date: '2026-02-01 09:00:00',
  event: 'patient-record-select',
  category: 'patient-record',
  user: 'nia',
  groupname: 'Default',
  comments: 'c2VsZWN0IDE=',
  user_notes: '',
  patient_id: '17',
  success: '1',
  crt_user: null,
  log_from: 'open-emr',
  menu_item_id: null,
  ccda_doc_id: null,
};
const API: NativeFields = {
  id: 3,
  log_id: 53,
  user_id: 9,
  patient_id: 17,
  ip_address: '10.0.0.4',
  method: 'GET',
  request: 'Patient',
  request_url: '/apis/default/fhir/Patient/17',
  request_body: '',
  response: '',
  created_time: '2026-02-01 09:00:01',
};

test('an API call on a record is an access with its patient and address', () => {
  const event = checkRecord(family, API, { zone: 'Europe/Zurich' });
  assert.equal(event.type_uid, 600501);
  assert.deepEqual(event['patient'], { uid: '17' });
  assert.deepEqual(event['src_endpoint'], { ip: '10.0.0.4' });
  assert.equal(event.time, Date.UTC(2026, 1, 1, 8, 0, 1));
  assert.deepEqual(event.metadata.labels, ['time:zone-assumed']);
});

test('a log row states no address, so it is a base event that keeps its fields', () => {
  const event = checkRecord(family, ROW);
  assert.equal(event.class_uid, 0);
  assert.ok(event.metadata.labels?.includes('class:6005'));
  assert.equal(event.status_id, 1);
});

test('sign-ins are authentications with their outcome', () => {
  const login = checkRecord(family, { ...ROW, event: 'login', success: '0', patient_id: '0' });
  assert.equal(login.type_uid, 300201);
  assert.equal(login.status_id, 2);
  assert.deepEqual(login['user'], { name: 'nia' });
  assert.equal(checkRecord(family, { ...ROW, event: 'logout' }).type_uid, 300202);
});

test('patient 0 is nobody', () => {
  assert.equal(checkRecord(family, { ...API, patient_id: 0 })['patient'], undefined);
});

test('rows of both tables are accepted, other objects are not', () => {
  assert.ok(openemr.accepts(ROW) && openemr.accepts(API));
  assert.ok(!openemr.accepts({ event: 'x', date: 'y' }));
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(
    family,
    [ROW, { ...ROW, event: 'login' }, API].map((fields) => ({ family: 'openemr', fields })),
  );
});

test('mutated rows never throw', () => {
  const below = seeded(3);
  const seeds = [ROW, API].map((row) => Buffer.from(JSON.stringify(row)));
  for (let round = 0, all = fuzzInputs(); round < all; round += 1) {
    let value: unknown;
    try {
      value = JSON.parse(mutate(seeds, below).toString('utf8'));
    } catch {
      continue;
    }
    if (typeof value === 'object' && value !== null && openemr.accepts(value as NativeFields))
      checkRecord(family, value as NativeFields);
  }
});
