import { hex, keep, str } from '../../../ocsf/codec.ts';
import type { Row } from '../../../ocsf/field-map.ts';
import { accountPart, always, baseName, fileAt, domainPart, eventCode, hashes } from './codecs.ts';

/** How the envelope names what stands in `<System>`; noted in `metadata.log_version`, for the way back. */
export type Naming = 'log' | 'agent' | 'nxlog' | 'sentinel';

const EVERYWHERE: readonly Row[] = [
  ['Channel', 'metadata.log_name'],
  ['EventID', 'metadata.event_code', eventCode],
  ['Message', 'message'],
];

/** Rows of `<System>`, by naming. */
export const SYSTEM_ROWS: Readonly<Record<Naming, readonly Row[]>> = {
  // As the log has them: Windows XML, EVTX, Winlogbeat.
  log: [
    ...EVERYWHERE,
    ['Computer', 'device.hostname'],
    ['Provider_Name', 'metadata.log_provider'],
    ['EventRecordID', 'metadata.sequence'],
    ['TimeCreated', 'metadata.original_time'],
  ],
  agent: [
    ...EVERYWHERE,
    ['Hostname', 'device.hostname'],
    ['SourceName', 'metadata.log_provider'],
    ['TimeCreated', 'metadata.original_time'],
  ],
  nxlog: [
    ...EVERYWHERE,
    ['Hostname', 'device.hostname'],
    ['SourceName', 'metadata.log_provider'],
    ['RecordNumber', 'metadata.sequence'],
    ['EventTime', 'metadata.original_time'],
  ],
  sentinel: [
    ...EVERYWHERE,
    ['Computer', 'device.hostname'],
    ['EventSourceName', 'metadata.log_provider'],
    ['TimeGenerated', 'metadata.original_time'],
  ],
};

/** Names of the event's host, by naming. */
export const HOST_FIELDS: Readonly<Record<Naming, string>> = {
  log: 'Computer',
  agent: 'Hostname',
  nxlog: 'Hostname',
  sentinel: 'Computer',
};

/** Attributes in which the host of the event stands a second time. */
export type HostCopy = 'src_endpoint.hostname' | 'dst_endpoint.hostname';

/** A file of which the event tells more than its path. */
export function fileWithDetails(field: string, path: string): Row[] {
  return [
    [field, `${path}.path`],
    [field, `${path}.name`, keep(baseName)],
    [field, `${path}.type_id`, always(1)],
  ];
}

/** A file by its path alone. */
export function file(field: string, path: string): Row[] {
  return [[field, path, fileAt]];
}

/** `DOMAIN\account` in one field. */
export function userOf(field: string, path: string): Row[] {
  return [
    [field, `${path}.name`, accountPart],
    [field, `${path}.domain`, domainPart],
  ];
}

interface ProcessFields {
  guid?: string;
  pid?: string;
  image?: string;
  user?: string;
  /** Whether more rows tell of the image. */
  details?: true;
}

/** A process as Sysmon tells it. */
export function sysmonProcess({ guid, pid, image, user, details }: ProcessFields, path: string): Row[] {
  const imageRows = details ? fileWithDetails : file;
  return [
    ...(guid === undefined ? [] : ([[guid, `${path}.uid`]] satisfies Row[])),
    ...(pid === undefined ? [] : ([[pid, `${path}.pid`]] satisfies Row[])),
    ...(image === undefined ? [] : imageRows(image, `${path}.file`)),
    ...(user === undefined ? [] : userOf(user, path === 'actor.process' ? 'actor.user' : `${path}.user`)),
  ];
}

/** What Sysmon tells of the image of a process or module. */
export function imageDetails(path: string): Row[] {
  return [
    ['Hashes', `${path}.hashes`, hashes],
    ['FileVersion', `${path}.version`],
    ['Description', `${path}.desc`],
    ['Company', `${path}.company_name`],
    ['OriginalFileName', `${path}.internal_name`],
  ];
}

/** The account that did it, in events of the Security log. */
export const SUBJECT: readonly Row[] = [
  ['SubjectUserSid', 'actor.user.uid'],
  ['SubjectUserName', 'actor.user.name'],
  ['SubjectDomainName', 'actor.user.domain'],
  ['SubjectLogonId', 'actor.session.uid'],
];

/** The process that did it, in events of the Security log; numbers are hexadecimal there. */
export function callerProcess(pid = 'ProcessId', name = 'ProcessName'): Row[] {
  return [[pid, 'actor.process.pid', hex], ...file(name, 'actor.process.file')];
}

/** The account that it was done to, at `path`. */
export function target(path: string, sid = 'TargetUserSid'): Row[] {
  return [
    [sid, `${path}.uid`],
    ['TargetUserName', `${path}.name`],
    ['TargetDomainName', `${path}.domain`],
  ];
}

/** Where a sign-in came from. */
export const CLIENT: readonly Row[] = [
  ['IpAddress', 'src_endpoint.ip'],
  ['IpPort', 'src_endpoint.port'],
  ['WorkstationName', 'src_endpoint.name', str],
];
