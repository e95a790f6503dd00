import { onDuty } from '../riverside/schedule.ts';
import type { Hospital, Staff } from '../riverside/types.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import { adtOf, labelsOf } from '../traffic/records.ts';
import { ehrAccess } from '../writers.ts';
import { HOUR, MINUTE, type Story, staffOf } from './story.ts';

const CURIOUS = 9;

/** Somebody known is admitted to the Emergency department, and people of other wards look. */
export const snooping: Story = {
  id: 'snooping',
  title: 'Curious staff open the record of a well-known patient',
  lengthMs: 3 * HOUR,
  foundBy: ['ehr_vip_record_many_viewers'],
  messages,
};

function messages(hospital: Hospital, fromMs: number): Message[] {
  const patient = hospital.patients.find(({ isVip }) => isVip);
  if (patient === undefined) throw new TypeError('the hospital has a well-known patient');
  const attending = staffOf(hospital, 'physician', 'Emergency');
  const stay = { bed: 0, ward: 'Emergency', patient, attending, fromMs, toMs: fromMs + 2 * 24 * HOUR };
  const opened = (person: Staff, ms: number): Message =>
    sent(
      'ehr',
      ehrAccess({
        ms,
        person,
        patientId: patient.id,
        labels: labelsOf(patient),
        action: 'R',
        purpose: 'TREAT',
        resource: 'Encounter/77120',
      }),
    );
  const others = onDuty(hospital, fromMs).filter(({ ward, role }) => ward !== 'Emergency' && role !== 'it');
  const curious = times(CURIOUS, (i) => others[(i * 7) % others.length] ?? attending);
  return [
    adtOf(stay, 'A01', fromMs),
    opened(attending, fromMs + 4 * MINUTE),
    opened(staffOf(hospital, 'nurse', 'Emergency'), fromMs + 9 * MINUTE),
    ...curious.map((person, i) => opened(person, fromMs + (20 + i * 14) * MINUTE)),
  ];
}
