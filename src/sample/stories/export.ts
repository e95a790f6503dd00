import type { Hospital } from '../riverside/types.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import { connection, ehrAccess } from '../writers.ts';
import { MINUTE, SECOND, type Story, staffOf } from './story.ts';

const DROP = '203.0.113.120';
const RECORDS = 380;

/** An account of the billing office reads record after record, and then a large upload leaves the house. */
export const massExport: Story = {
  id: 'export',
  title: 'Records are read by the hundred and leave the house',
  lengthMs: 40 * MINUTE,
  foundBy: ['ehr_records_at_machine_speed'],
  messages,
};

function messages(hospital: Hospital, fromMs: number): Message[] {
  const person = staffOf(hospital, 'clerk', 'Billing', 4);
  return [
    ...times(RECORDS, (i) =>
      sent(
        'ehr',
        ehrAccess({
          ms: fromMs + i * 3 * SECOND,
          person,
          patientId: hospital.patients[(i * 5) % hospital.patients.length]?.id ?? '',
          action: 'R',
          purpose: 'TREAT',
          resource: `DocumentReference/${20_000 + i}`,
        }),
      ),
    ),
    sent('zeek', connection(fromMs + 30 * MINUTE, person.ip, DROP, 443, 'SF', 2_100_000_000)),
  ];
}
