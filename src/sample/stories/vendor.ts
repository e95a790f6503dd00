import type { Hospital } from '../riverside/types.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import { connection, ehrAccess, entraSignIn, processStart } from '../writers.ts';
import { HOUR, MINUTE, SECOND, type Story } from './story.ts';

const THIEF = '203.0.113.80';
const TOOL = 'C:\\Users\\Public\\Downloads\\AnyDesk.exe';
const PROBED = 36;

/** A vendor's password was stolen, and its account asks for no second factor. */
export const vendor: Story = {
  id: 'vendor',
  title: 'A stolen vendor login without a second factor',
  lengthMs: HOUR,
  foundBy: [
    'vendor_login_without_second_factor',
    'win_remote_tool_from_user_folder',
    'dicom_hl7_port_sweep',
    'vendor_account_reads_records',
  ],
  messages,
};

function messages(hospital: Hospital, fromMs: number): Message[] {
  const account = hospital.vendors[0]?.account ?? 'ext-imagevendor';
  const workstation = { name: 'radiol-pc91', ip: '10.20.1.91' };
  const person = {
    id: account,
    name: account,
    role: 'vendor',
    ward: 'Radiology',
    host: workstation.name,
    ip: workstation.ip,
  };
  const explorer = 'C:\\Windows\\explorer.exe';
  return [
    sent('entra', entraSignIn(fromMs, account, THIEF, 0, '', 'single')),
    sent(
      'windows',
      processStart(fromMs + 6 * MINUTE, workstation.name, account, TOOL, 'AnyDesk.exe --silent', explorer),
    ),
    ...times(PROBED, (i) =>
      sent(
        'zeek',
        connection(
          fromMs + 14 * MINUTE + i * 4 * SECOND,
          workstation.ip,
          `10.30.1.${1 + Math.floor(i / 3)}`,
          [104, 11_112, 2_575][i % 3] ?? 104,
          'REJ',
        ),
      ),
    ),
    ...times(9, (i) =>
      sent(
        'ehr',
        ehrAccess({
          ms: fromMs + 35 * MINUTE + i * 40 * SECOND,
          person,
          patientId: hospital.patients[300 + i * 11]?.id ?? '',
          action: 'R',
          purpose: 'TREAT',
          resource: `ImagingStudy/${4_000 + i}`,
        }),
      ),
    ),
  ];
}
