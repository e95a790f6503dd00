import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { OcsfEvent } from './ocsf/types.ts';
import { patientKey, patientView } from './patient-view.ts';

const EVENT: OcsfEvent = {
  class_uid: 6005,
  category_uid: 6,
  type_uid: 600501,
  activity_id: 1,
  severity_id: 1,
  status_id: 1,
  time: Date.UTC(2026, 1, 1, 9),
  metadata: { version: '1.8.0', product: { name: 'ehr' }, uid: 'secret-id', correlation_uid: 'secret-request' },
  actor: {
    app_name: 'ward-pc',
    user: {
      uid: 'n7',
      name: 'Nia Nurse',
      groups: [
        { name: 'Professional nurse', type: 'role' },
        { name: 'Cardiology', type: 'department' },
      ],
    },
    session: { uid: 'secret-session' },
  },
  src_endpoint: { name: 'secret-host', ip: '10.99.99.99' },
  query_info: { query_string: 'patient=secret-other' },
  unmapped: { x: 'secret-field' },
  patient: { uid: 'urn:oid:1.2.3|4711' },
  record_types: ['Observation'],
  purpose_of_use: 'TREAT',
  facility_uid: 'North',
};

test('a patient sees who, in which role, what, why, where and when', () => {
  assert.deepEqual(patientView(EVENT), {
    patient: 'urn:oid:1.2.3|4711',
    time: '2026-02-01T09:00:00.000Z',
    who: 'Nia Nurse',
    role: 'Professional nurse',
    department: 'Cardiology',
    action: 'read',
    records: ['Observation'],
    purpose: 'treatment',
    from: 'North',
    outcome: 'done',
  });
});

test('no address, session, query, identifier or unmapped field is shown', () => {
  const text = JSON.stringify(patientView(EVENT));
  assert.doesNotMatch(text, /secret|10\.99/);
});

test('an event about no patient, and a finding, have no view', () => {
  const { patient: _, ...rest } = EVENT;
  assert.equal(patientView(rest), null);
  assert.equal(patientView({ ...EVENT, class_uid: 2004 }), null);
});

test('emergency access, refusals and arrival times are told', () => {
  const event = {
    ...EVENT,
    status_id: 2,
    break_glass: { reason: 'secret' },
    metadata: { ...EVENT.metadata, labels: ['time:received'] },
  };
  const view = patientView(event);
  assert.deepEqual([view?.emergency, view?.outcome, view?.time_source], [true, 'refused or failed', 'received']);
  assert.equal(patientView({ ...EVENT, purpose_of_use: 'BTG' })?.emergency, true);
});

const by = (uid: string) =>
  patientView({ ...EVENT, patient: { uid: 'Patient/1' }, actor: { user: { uid, name: 'Somebody' } } })?.who;

test('the patient is told of themselves, never who another patient is', () => {
  assert.equal(by('Patient/1'), 'yourself');
  assert.equal(by('Patient/2'), 'another person with a patient account');
});

test('a purpose that every object answers to is shown as written', () => {
  assert.equal(patientView({ ...EVENT, purpose_of_use: 'constructor' })?.purpose, 'constructor');
});

test('the key is the identity, else the pseudonym', () => {
  assert.equal(patientKey(EVENT), 'urn:oid:1.2.3|4711');
  assert.equal(patientKey({ ...EVENT, patient: { hash: 'h' } }), 'h');
});

test('a long identity is not cut: two patients never share a key', () => {
  const long = 'x'.repeat(300);
  assert.notEqual(
    patientKey({ ...EVENT, patient: { uid: `${long}1` } }),
    patientKey({ ...EVENT, patient: { uid: `${long}2` } }),
  );
});

test('whatever the event holds, a view is made, bounded and JSON', () => {
  const hostile = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ minLength: 300, maxLength: 2000 }));
  const attributes = ['actor', 'record_types', 'purpose_of_use', 'facility_uid', 'status_id', 'activity_id', 'time'];
  fc.assert(
    fc.property(fc.constantFrom(...attributes), hostile, fc.integer(), (name, value, number) => {
      const wrong = name === 'time' || name.endsWith('_id') ? number * 1e7 : value;
      const view = patientView({ ...EVENT, [name]: wrong });
      assert.ok(JSON.stringify(view).length < 10_000);
    }),
  );
});
