import type { Random } from '../random.ts';
import { onDuty, staysAt } from '../riverside/schedule.ts';
import type { Hospital, SamplePatient, Staff, Stay } from '../riverside/types.ts';
import { adt, ehrAccess } from '../writers.ts';
import { type Message, sent } from './message.ts';

const MINUTE = 60_000;
/** Accesses an hour of somebody who cares for patients. */
const CARE_PER_HOUR = 11;
/** Of those who code and bill. */
const BILLING_PER_HOUR = 8;
const RESOURCES = [
  'Observation',
  'MedicationRequest',
  'Condition',
  'DiagnosticReport',
  'Encounter',
  'CarePlan',
] as const;

/** What staff open in the record system within a minute: those on duty, the patients in their care. */
export function quietAccess(hospital: Hospital, fromMs: number, random: Random): Message[] {
  const stays = staysAt(hospital, fromMs);
  return onDuty(hospital, fromMs).flatMap((person) => {
    const perHour = rateOf(person);
    return Array.from({ length: random.count(perHour / 60) }, () =>
      sent('ehr', accessOf(person, stays, fromMs + random.whole(0, MINUTE - 1), random)),
    );
  });
}

function rateOf({ role }: Staff): number {
  if (role === 'nurse' || role === 'physician') return CARE_PER_HOUR;
  if (role === 'clerk') return BILLING_PER_HOUR;
  return role === 'technician' || role === 'pharmacist' ? 5 : 0;
}

function accessOf(person: Staff, stays: readonly Stay[], ms: number, random: Random) {
  const inCare = stays.filter(({ ward }) => ward === person.ward);
  const { patient } = random.pick(inCare.length > 0 ? inCare : stays);
  return ehrAccess({
    ms,
    person,
    patientId: patient.id,
    labels: labelsOf(patient),
    action: person.role === 'clerk' ? 'R' : random.pick(['R', 'R', 'R', 'R', 'U', 'C'] as const),
    purpose: person.role === 'clerk' ? 'HPAYMT' : 'TREAT',
    resource: `${random.pick(RESOURCES)}/${random.whole(1_000, 99_999)}`,
  });
}

/** How the record system marks a patient in its audit. */
export function labelsOf({ isVip, isStaff }: SamplePatient): ('CEL' | 'EMP')[] {
  return [...(isVip ? (['CEL'] as const) : []), ...(isStaff ? (['EMP'] as const) : [])];
}

/** Admissions and discharges within a minute. */
export function quietAdmissions(hospital: Hospital, fromMs: number): Message[] {
  const toMs = fromMs + MINUTE;
  return staysAt(hospital, toMs).flatMap((stay) => {
    if (stay.fromMs < fromMs || stay.fromMs >= toMs) return [];
    const before = staysAt(hospital, stay.fromMs - 1)[stay.bed];
    const admitted = adtOf(stay, 'A01', stay.fromMs);
    return before === undefined ? [admitted] : [adtOf(before, 'A03', stay.fromMs), admitted];
  });
}

export function adtOf({ patient, ward, attending }: Stay, trigger: 'A01' | 'A03', ms: number): Message {
  return sent('adt', adt(ms, trigger, patient.id, ward, attending.id));
}
