import { DOMAIN, PATIENT_AUTHORITY, PLACES } from './hospital.ts';

/** One line of a log file with the moment at which it was written. */
export interface Line {
  ms: number;
  text: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A Windows event in the flat form that collectors forward: EventData names beside the system fields. */
export function windowsEvent(
  ms: number,
  host: string,
  channel: string,
  id: number,
  data: Record<string, unknown>,
): Line {
  const provider =
    channel === 'Security'
      ? 'Microsoft-Windows-Security-Auditing'
      : channel.startsWith('Microsoft-Windows-Sysmon')
        ? 'Microsoft-Windows-Sysmon'
        : channel;
  const event = {
    '@timestamp': iso(ms),
    Channel: channel,
    EventID: id,
    SourceName: provider,
    Hostname: `${host}.riverside.example`,
    ...data,
  };
  return { ms, text: JSON.stringify(event) };
}

export const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

/** Sysmon 1, a process start. */
export function processStart(
  ms: number,
  host: string,
  user: string,
  image: string,
  commandLine: string,
  parent: string,
): Line {
  return windowsEvent(ms, host, SYSMON, 1, {
    UtcTime: iso(ms).replace('T', ' ').replace('Z', ''),
    ProcessGuid: '{8a1c2f00-0000-0000-0000-000000000001}',
    ProcessId: 4000 + (ms % 997),
    Image: image,
    OriginalFileName: image.slice(image.lastIndexOf('\\') + 1),
    CommandLine: commandLine,
    User: `${DOMAIN}\\${user}`,
    ParentImage: parent,
    ParentCommandLine: parent,
    IntegrityLevel: 'High',
  });
}

export interface Access {
  ms: number;
  person: { id: string; name: string; role: string; ward: string; host: string; ip: string };
  patientId: string;
  /** Sensitivities of the patient, as v3 ActCode: CEL a celebrity, EMP an employee. */
  labels?: readonly ('CEL' | 'EMP')[];
  action: 'C' | 'R' | 'U' | 'E';
  purpose: 'TREAT' | 'BTG' | 'HPAYMT';
  resource: string;
  outcome?: '0' | '4' | '8';
}

/** A FHIR R4 AuditEvent as an EHR that follows IHE BALP writes it. */
export function ehrAccess(access: Access): Line {
  const { ms, person, patientId, labels = [], action, purpose, resource, outcome = '0' } = access;
  // BALP names source and destination of the data: on a read they flow from the server.
  const [client, server] = action === 'R' ? ['110152', '110153'] : ['110153', '110152'];
  const interaction = { C: 'create', R: 'read', U: 'update', E: 'search' }[action];
  const event = {
    resourceType: 'AuditEvent',
    meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'] },
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: interaction }],
    action,
    recorded: iso(ms),
    outcome,
    agent: [
      {
        type: coding('http://dicom.nema.org/resources/ontology/DCM', client),
        who: { display: `EHR client ${person.host}` },
        requestor: false,
        network: { address: person.ip, type: '2' },
      },
      {
        type: coding('http://dicom.nema.org/resources/ontology/DCM', server),
        who: { display: PLACES.ehr.host },
        requestor: false,
        network: { address: PLACES.ehr.ip, type: '2' },
      },
      {
        type: coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
        who: { identifier: { value: person.id }, display: person.name },
        role: [{ text: `${person.role}, ${person.ward}` }],
        requestor: true,
        purposeOfUse: [coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', purpose)],
      },
    ],
    source: {
      site: 'Riverside Community Hospital',
      observer: { display: 'ehr-app01' },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: [
      {
        what: { identifier: { system: PATIENT_AUTHORITY, value: patientId } },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        ...(labels.length === 0
          ? {}
          : { securityLabel: labels.map((code) => coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', code)) }),
      },
      {
        what: { reference: resource },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '2' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '4' },
      },
    ],
  };
  return { ms, text: JSON.stringify(event) };
}

function coding(system: string, code: string) {
  return { coding: [{ system, code }] };
}

/** A Zeek connection. */
export function connection(
  ms: number,
  from: string,
  to: string,
  port: number,
  state: 'SF' | 'S0' | 'REJ',
  bytes = 0,
): Line {
  const conn = {
    _path: 'conn',
    ts: ms / 1000,
    uid: `C${ms.toString(36)}${port.toString(36)}`,
    'id.orig_h': from,
    'id.orig_p': 40_000 + (ms % 20_000),
    'id.resp_h': to,
    'id.resp_p': port,
    proto: 'tcp',
    duration: state === 'SF' ? 1.5 : 0,
    orig_bytes: bytes,
    resp_bytes: state === 'SF' ? 900 : 0,
    conn_state: state,
    local_orig: true,
    local_resp: !to.startsWith('203.'),
  };
  return { ms, text: JSON.stringify(conn) };
}

/** A sign-in to the hospital's Microsoft Entra tenant. */
export function entraSignIn(
  ms: number,
  user: string,
  ip: string,
  errorCode: number,
  reason: string,
  factors: 'single' | 'multi' = 'multi',
): Line {
  const upn = `${user}@riverside.example`;
  const event = {
    time: iso(ms),
    category: 'SignInLogs',
    operationName: 'Sign-in activity',
    resultType: String(errorCode),
    tenantId: '00000000-0000-0000-0000-00000000beef',
    properties: {
      id: `si-${ms}`,
      createdDateTime: iso(ms),
      userPrincipalName: upn,
      userDisplayName: user,
      userId: `id-${user}`,
      appDisplayName: 'Riverside VPN',
      ipAddress: ip,
      status: { errorCode, failureReason: reason },
      authenticationRequirement: `${factors}FactorAuthentication`,
      location: { city: 'Unknown', countryOrRegion: 'ZZ' },
    },
  };
  return { ms, text: JSON.stringify(event) };
}

/** sshd behind an RFC 5424 header. */
export function sshdLine(ms: number, host: string, message: string): Line {
  return { ms, text: `<38>1 ${iso(ms)} ${host} sshd 4242 - - ${message}` };
}

/** HL7 v2.5 ADT: segments end with a carriage return. */
export function adt(ms: number, trigger: 'A01' | 'A03', patientId: string, ward: string, attending: string): Line {
  const stamp = iso(ms).replaceAll(/[-:T]/g, '').slice(0, 14);
  const text = [
    `MSH|^~\\&|ADT|RIVERSIDE|WARDKEEP|RIVERSIDE|${stamp}+0000||ADT^${trigger}|M${ms}|P|2.5`,
    `EVN|${trigger}|${stamp}+0000`,
    `PID|1||${patientId}^^^RIVERSIDE&2.999.1.1&ISO^MR||TEST^PATIENT`,
    `PV1|1|I|${ward}^01^A||||${attending}^DOCTOR||||||||||||V${patientId}`,
  ].join('\r');
  return { ms, text: `${text}\r` };
}
