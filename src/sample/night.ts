import { DOMAIN, PATIENTS, PLACES, STAFF } from './hospital.ts';
import { Random } from './random.ts';
import {
  type Line,
  SYSMON,
  adt,
  connection,
  ehrAccess,
  entraSignIn,
  processStart,
  sshdLine,
  windowsEvent,
} from './writers.ts';

const MINUTE = 60_000;
const CMD = 'C:\\Windows\\System32\\cmd.exe';
const SYSTEM32 = 'C:\\Windows\\System32';

/** File name → its content: one night's logs of the hospital, in the formats in which its systems write them. */
export type NightLogs = ReadonlyMap<string, string>;

/**
 * One night at Riverside Community, ten hours from `startMs` on: the ordinary traffic of wards, and an intrusion laid into
 * it. A stolen vendor account is let in after a flood of MFA prompts; its owner steals the password store of a radiology
 * PC, looks for imaging systems, reads records by the hundred under break-glass, deletes the backups and begins to encrypt.
 */
export function riversideNight(startMs: number, seed = 7): NightLogs {
  const random = new Random(seed);
  const at = (hour: number, minute: number): number => startMs + (hour * 60 + minute) * MINUTE;
  return new Map([
    ['ehr-audit.ndjson', joined([...quietAccess(startMs, random), ...recordTheft(at(5, 2))])],
    ['adt.hl7', joined(admissions(startMs, random), '')],
    ['windows.ndjson', joined([...quietWindows(startMs, random), ...intrusion(at)])],
    ['zeek-conn.ndjson', joined([...quietNetwork(startMs, random), ...imagingScan(at(4, 31))])],
    ['entra-signin.ndjson', joined([...quietSignIns(startMs, random), ...mfaFlood(at(3, 58))])],
    ['vpn01.log', joined(quietSsh(startMs))],
  ]);
}

function joined(lines: readonly Line[], separator = '\n'): string {
  return lines
    .toSorted((a, b) => a.ms - b.ms)
    .map(({ text }) => text + separator)
    .join('');
}

function quietAccess(startMs: number, random: Random): Line[] {
  return Array.from({ length: 420 }, (_, i) => {
    const person = random.pick(STAFF.filter(({ role }) => role !== 'clerk'));
    const patient = random.pick(PATIENTS.filter(({ ward, isVip }) => ward === person.ward && !isVip)) ?? PATIENTS[0];
    return ehrAccess({
      ms: startMs + i * 85_000 + random.whole(0, 40_000),
      person,
      patientId: patient.id,
      action: random.pick(['R', 'R', 'R', 'U'] as const),
      purpose: 'TREAT',
      resource: `${random.pick(['Observation', 'MedicationRequest', 'Condition'])}/${random.whole(1000, 9999)}`,
    });
  });
}

/** The billing clerk's account, in the intruder's hands, opens record after record under break-glass. */
function recordTheft(fromMs: number): Line[] {
  const clerk = STAFF.find(({ role }) => role === 'clerk');
  if (clerk === undefined) throw new TypeError('the hospital has a clerk');
  return PATIENTS.map(({ id }, i) =>
    ehrAccess({
      ms: fromMs + i * 4_000,
      person: clerk,
      patientId: id,
      action: 'R',
      purpose: 'BTG',
      resource: `DocumentReference/${20_000 + i}`,
    }),
  );
}

function admissions(startMs: number, random: Random): Line[] {
  return Array.from({ length: 14 }, (_, i) => {
    const patient = random.pick(PATIENTS);
    return adt(
      startMs + i * 41 * MINUTE,
      i % 3 === 2 ? 'A03' : 'A01',
      patient.id,
      patient.ward,
      random.pick(['dr.shah', 'dr.weber']),
    );
  });
}

function quietWindows(startMs: number, random: Random): Line[] {
  return Array.from({ length: 300 }, (_, i) => {
    const person = random.pick(STAFF);
    const ms = startMs + i * 2 * MINUTE + random.whole(0, MINUTE);
    if (i % 3 === 0)
      return processStart(
        ms,
        person.host,
        person.id,
        'C:\\Program Files\\EHR\\ehr-client.exe',
        'ehr-client.exe --ward',
        'C:\\Windows\\explorer.exe',
      );
    return windowsEvent(ms, PLACES.domainController.host, 'Security', 4624, {
      TargetUserName: person.id,
      TargetDomainName: DOMAIN,
      TargetUserSid: 'S-1-5-21-1-1-1-1104',
      TargetLogonId: `0x${(ms % 0xffffff).toString(16)}`,
      LogonType: 3,
      IpAddress: person.ip,
      WorkstationName: person.host,
      AuthenticationPackageName: 'Kerberos',
      SubjectUserName: '-',
      SubjectLogonId: '0x0',
    });
  });
}

function intrusion(at: (hour: number, minute: number) => number): Line[] {
  const { radiologyPc, fileServer, backup, vendorUser } = PLACES;
  const lines = [
    windowsEvent(at(4, 12), radiologyPc.host, 'Security', 4624, {
      TargetUserName: vendorUser,
      TargetDomainName: DOMAIN,
      TargetUserSid: 'S-1-5-21-1-1-1-2201',
      TargetLogonId: '0x9a3f1',
      LogonType: 10,
      IpAddress: PLACES.vpnGateway.ip,
      WorkstationName: radiologyPc.host,
      AuthenticationPackageName: 'Negotiate',
      SubjectUserName: `${radiologyPc.host}$`,
      SubjectLogonId: '0x3e7',
    }),
    processStart(
      at(4, 18),
      radiologyPc.host,
      vendorUser,
      'C:\\Users\\Public\\procdump64.exe',
      'procdump64.exe -accepteula -ma lsass.exe C:\\Users\\Public\\l.dmp',
      CMD,
    ),
    windowsEvent(at(4, 18) + 900, radiologyPc.host, SYSMON, 10, {
      SourceImage: 'C:\\Users\\Public\\procdump64.exe',
      TargetImage: `${SYSTEM32}\\lsass.exe`,
      GrantedAccess: '0x1fffff',
      SourceUser: `${DOMAIN}\\${vendorUser}`,
      CallTrace: `${SYSTEM32}\\ntdll.dll+9d4c4|C:\\Windows\\System32\\dbgcore.DLL+6ca1`,
    }),
    processStart(at(5, 41), backup.host, 'p.gruber', `${SYSTEM32}\\wbadmin.exe`, 'wbadmin delete catalog -quiet', CMD),
    processStart(
      at(5, 42),
      fileServer.host,
      'p.gruber',
      `${SYSTEM32}\\vssadmin.exe`,
      'vssadmin.exe delete shadows /all /quiet',
      CMD,
    ),
    processStart(
      at(5, 42) + 8_000,
      fileServer.host,
      'p.gruber',
      `${SYSTEM32}\\bcdedit.exe`,
      'bcdedit /set {default} recoveryenabled No',
      CMD,
    ),
    processStart(
      at(5, 43),
      fileServer.host,
      'p.gruber',
      `${SYSTEM32}\\net.exe`,
      'net stop "Veeam Backup Service" /y',
      CMD,
    ),
  ];
  for (let i = 0; i < 420; i += 1)
    lines.push(
      windowsEvent(at(5, 47) + i * 250, fileServer.host, SYSMON, 11, {
        Image: 'C:\\Users\\Public\\svch0st.exe',
        TargetFilename: `D:\\Shares\\Imaging\\study-${String(i).padStart(4, '0')}.dcm.locked`,
        User: `${DOMAIN}\\p.gruber`,
        ProcessId: 6612,
      }),
    );
  return lines;
}

function quietNetwork(startMs: number, random: Random): Line[] {
  return Array.from({ length: 400 }, (_, i) => {
    const ms = startMs + i * 88_000 + random.whole(0, 30_000);
    if (i % 5 === 0) return connection(ms, PLACES.radiologyPc.ip, PLACES.pacs.ip, 11_112, 'SF', 40_000);
    return connection(ms, random.pick(STAFF).ip, PLACES.ehr.ip, 443, 'SF', 2_000);
  });
}

/** The radiology PC asks every address of the imaging zone for DICOM and HL7. */
function imagingScan(fromMs: number): Line[] {
  return Array.from({ length: 120 }, (_, i) =>
    connection(
      fromMs + i * 900,
      PLACES.radiologyPc.ip,
      `10.30.0.${20 + Math.floor(i / 3)}`,
      [104, 11_112, 2575][i % 3] ?? 104,
      'REJ',
    ),
  );
}

function quietSignIns(startMs: number, random: Random): Line[] {
  return Array.from({ length: 40 }, (_, i) =>
    entraSignIn(startMs + i * 14 * MINUTE, random.pick(STAFF).id, '198.51.100.20', 0, ''),
  );
}

/** Prompt after prompt in the vendor's night, until one is confirmed. */
function mfaFlood(fromMs: number): Line[] {
  const denied = Array.from({ length: 14 }, (_, i) =>
    entraSignIn(
      fromMs + i * 35_000,
      PLACES.vendorUser,
      PLACES.attacker.ip,
      500_121,
      'Authentication failed during strong authentication request.',
    ),
  );
  return [...denied, entraSignIn(fromMs + 14 * 35_000, PLACES.vendorUser, PLACES.attacker.ip, 0, '')];
}

function quietSsh(startMs: number): Line[] {
  return Array.from({ length: 6 }, (_, i) =>
    sshdLine(
      startMs + i * 95 * MINUTE,
      PLACES.vpnGateway.host,
      `Accepted publickey for backup from ${PLACES.backup.ip} port ${50_000 + i} ssh2: ED25519 SHA256:riverside`,
    ),
  );
}
