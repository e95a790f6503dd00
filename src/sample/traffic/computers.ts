import { DOMAIN } from '../hospital.ts';
import type { Random } from '../random.ts';
import { onDuty } from '../riverside/schedule.ts';
import type { Hospital, Staff } from '../riverside/types.ts';
import { entraSignIn, processStart, sshdLine, windowsEvent } from '../writers.ts';
import { type Message, sent } from './message.ts';

const MINUTE = 60_000;
const LOGONS_PER_HOUR = 2;
const PROGRAMS_PER_HOUR = 3;
const CLOUD_PER_HOUR = 0.4;
const SSH_PER_HOUR = 3;
/** The address under which the hospital is seen on the internet. */
const HOSPITAL_IP = '192.0.2.10';
const EXPLORER = 'C:\\Windows\\explorer.exe';

/** What people start on an ordinary day. */
const PROGRAMS: readonly [image: string, commandLine: string][] = [
  ['C:\\Program Files\\EHR\\ehr-client.exe', 'ehr-client.exe --ward'],
  ['C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE', 'OUTLOOK.EXE /recycle'],
  ['C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE', 'WINWORD.EXE /n "discharge letter.docx"'],
  ['C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe', 'msedge.exe --profile-directory=Default'],
  ['C:\\Program Files\\DicomView\\viewer.exe', 'viewer.exe --study last'],
];

/** Windows logons and programs, cloud sign-ins and the backup's SSH sessions within a minute. */
export function quietComputers(hospital: Hospital, fromMs: number, random: Random): Message[] {
  const moment = (): number => fromMs + random.whole(0, MINUTE - 1);
  const people = onDuty(hospital, fromMs).flatMap((person) =>
    [
      times(random.count(LOGONS_PER_HOUR / 60), () => sent('windows', logon(hospital, moment(), person))),
      times(random.count(PROGRAMS_PER_HOUR / 60), () => sent('windows', program(moment(), person, random))),
      times(random.count(CLOUD_PER_HOUR / 60), () => sent('entra', cloudSignIn(moment(), person))),
    ].flat(),
  );
  const { vpn, backup } = hospital.servers;
  const text = `Accepted publickey for backup from ${backup.ip} port ${random.whole(40_000, 60_000)} ssh2: ED25519 SHA256:riverside`;
  return [
    ...people,
    ...times(random.count(SSH_PER_HOUR / 60), () => sent('syslog', sshdLine(moment(), vpn.name, text))),
  ];
}

function logon({ servers }: Hospital, ms: number, { id, ip, host }: Staff) {
  return windowsEvent(ms, servers.domainController.name, 'Security', 4624, {
    TargetUserName: id,
    TargetDomainName: DOMAIN,
    TargetUserSid: 'S-1-5-21-1-1-1-1104',
    TargetLogonId: `0x${(ms % 0xff_ffff).toString(16)}`,
    LogonType: 3,
    IpAddress: ip,
    WorkstationName: host,
    AuthenticationPackageName: 'Kerberos',
    SubjectUserName: '-',
    SubjectLogonId: '0x0',
  });
}

function cloudSignIn(ms: number, { id }: Staff) {
  return entraSignIn(ms, id, HOSPITAL_IP, 0, '');
}

function program(ms: number, { host, id }: Staff, random: Random) {
  const [image, commandLine] = random.pick(PROGRAMS);
  return processStart(ms, host, id, image, commandLine, EXPLORER);
}

export function times<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
