import type { Hospital } from '../riverside/types.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import { ehrAccess, entraSignIn } from '../writers.ts';
import { MINUTE, type Story, staffOf } from './story.ts';

const FINDER = '203.0.113.201';
const RECORDS = 12;

/** A nurse's tablet is lost on the way home; its session is still open, and somebody reads. */
export const tablet: Story = {
  id: 'tablet',
  title: 'A lost tablet with an open session',
  lengthMs: 40 * MINUTE,
  foundBy: ['ehr_records_from_internet'],
  messages,
};

function messages(hospital: Hospital, fromMs: number): Message[] {
  const nurse = staffOf(hospital, 'nurse', 'Ward 2', 3);
  const person = { ...nurse, host: 'tablet17', ip: FINDER };
  return [
    sent('entra', entraSignIn(fromMs, nurse.id, FINDER, 0, '')),
    ...times(RECORDS, (i) =>
      sent(
        'ehr',
        ehrAccess({
          ms: fromMs + (3 + i * 3) * MINUTE,
          person,
          patientId: hospital.patients[700 + i * 13]?.id ?? '',
          action: 'R',
          purpose: 'TREAT',
          resource: `Condition/${9_100 + i}`,
        }),
      ),
    ),
  ];
}
