import { type EventObject, at, listAt, numberAt, textAt } from './path.ts';
import { describe } from './describe.ts';
import { namesPatient } from './patient.ts';

export type ColumnType = 'BIGINT' | 'INTEGER' | 'VARCHAR' | 'BOOLEAN' | 'TIMESTAMP';
export type CellValue = number | string | boolean | null;

/** What a row is made of. */
export interface RowSource {
  index: number;
  classUid: number;
  className: string;
  retention: string;
  receivedMs: number;
  sourceId: string | null;
  event: EventObject;
  /** The event as it is stored. */
  json: string;
  /** The stand-in of a patient. */
  standIn: (patient: string) => string;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** Cells; times are milliseconds since the epoch. */
  readonly of: (row: RowSource) => CellValue;
  /**
   * Who may not see patients gets this instead: `hidden` in rows that may name a patient, `stand-in` everywhere. Without
   * it the column is the same for all.
   */
  readonly patients?: 'hidden' | 'stand-in' | 'internal';
}

/** Of the archive's files; files of another version are made anew from the ledger. */
export const SCHEMA_VERSION = 1;

/** Event times beyond the calendar are no times: forged ones may be any number. */
const TIME_MS_MAX = 8.64e15;

const TEXT = 'VARCHAR' as const;

/** A column that reads the event alone. */
function column(name: string, type: ColumnType, description: string, of: (event: EventObject) => CellValue): Column {
  return { name, type, description, of: (row) => of(row.event) };
}

const breakGlass = at('break_glass');
const eventTime = at('time');
const patientOf = textAt('patient.uid', 'patient.hash');

/** Each column of the archive, in order. Files, live tail, views and their documentation come from this table alone. */
export const COLUMNS: readonly Column[] = [
  { name: 'index', type: 'BIGINT', description: 'Number of the entry in the ledger.', of: (row) => row.index },
  {
    name: 'time',
    type: 'TIMESTAMP',
    description: 'When it happened by the source’s clock (UTC).',
    of: ({ event }) => timeOf(eventTime(event)),
  },
  {
    name: 'received',
    type: 'TIMESTAMP',
    description: 'When it reached us, to the minute (UTC).',
    of: (row) => Math.floor(row.receivedMs / 60_000) * 60_000,
  },
  { name: 'class_uid', type: 'INTEGER', description: 'OCSF class; 0 = none fits.', of: (row) => row.classUid },
  { name: 'class', type: TEXT, description: 'Name of the OCSF class.', of: (row) => row.className },
  column('activity_id', 'INTEGER', 'OCSF activity within the class.', int32('activity_id')),
  column('severity', 'INTEGER', 'OCSF severity: 1 informational to 5 critical, 6 fatal.', int32('severity_id')),
  column('status', 'INTEGER', '1 success, 2 failure, 0 unknown.', int32('status_id')),
  {
    name: 'retention',
    type: TEXT,
    description: '`record` (kept for years) or `telemetry` (kept for days).',
    of: (row) => row.retention,
  },
  {
    name: 'source',
    type: TEXT,
    description: 'Which source sent it; empty for Wardkeep’s own.',
    of: (row) => row.sourceId ?? labelled(row.event, 'source:'),
  },
  column('format', TEXT, 'Format and kind of record: `windows/security/4624`.', textAt('metadata.log_format')),
  {
    name: 'text',
    type: TEXT,
    description: 'One line for people.',
    of: describe,
    patients: 'hidden',
  },
  column(
    'user_name',
    TEXT,
    'Who did it, or who signed in.',
    byClass(
      { 3002: textAt('user.name', 'user.email_addr', 'user.uid', 'actor.user.name', 'actor.user.uid') },
      textAt(
        'actor.user.name',
        'actor.user.email_addr',
        'actor.user.uid',
        'user.name',
        'user.email_addr',
        'user.uid',
        'process.user.name',
        'process.user.uid',
      ),
    ),
  ),
  column('user_uid', TEXT, 'Their id, where the source has one.', textAt('actor.user.uid', 'user.uid')),
  column('target_user', TEXT, 'Whose account it was done to.', textAt('user.name', 'user.uid', 'user_result.name')),
  column('device', TEXT, 'Computer it happened on.', textAt('device.hostname', 'device.name', 'device.uid')),
  column('device_ip', TEXT, 'Address of that computer.', textAt('device.ip')),
  column('src_ip', TEXT, 'Address it came from.', textAt('src_endpoint.ip')),
  column('src_port', 'INTEGER', 'Port it came from.', int32('src_endpoint.port')),
  column('src_host', TEXT, 'Name of where it came from.', textAt('src_endpoint.hostname', 'src_endpoint.name')),
  column('dst_ip', TEXT, 'Address it went to.', textAt('dst_endpoint.ip')),
  column('dst_port', 'INTEGER', 'Port it went to.', int32('dst_endpoint.port')),
  column('dst_host', TEXT, 'Name of where it went to.', textAt('dst_endpoint.hostname', 'dst_endpoint.name')),
  column('protocol', TEXT, 'Network protocol.', textAt('connection_info.protocol_name', 'app_name')),
  column('bytes_in', 'BIGINT', 'Bytes received.', numberAt('traffic.bytes_in')),
  column('bytes_out', 'BIGINT', 'Bytes sent.', numberAt('traffic.bytes_out')),
  column('action', TEXT, 'What a firewall, filter or policy did: allowed, denied.', textAt('action', 'disposition')),
  column(
    'process',
    TEXT,
    'Program.',
    textAt('process.file.path', 'process.name', 'actor.process.file.path', 'actor.process.name', 'actor.app_name'),
  ),
  column('command_line', TEXT, 'Its command line.', textAt('process.cmd_line', 'actor.process.cmd_line')),
  column(
    'parent_process',
    TEXT,
    'Program that started it.',
    textAt('process.parent_process.file.path', 'process.parent_process.name', 'actor.process.parent_process.file.path'),
  ),
  { ...column('file', TEXT, 'File.', textAt('file.path', 'file.name', 'module.file.path')), patients: 'hidden' },
  { ...column('file_hash', TEXT, 'Hash of file or program.', listAt('file.hashes', 'value')), patients: 'hidden' },
  {
    ...column('url', TEXT, 'Address of a web request.', textAt('http_request.url.url_string', 'http_request.url.path')),
    patients: 'hidden',
  },
  column('http_method', TEXT, 'GET, POST, …', textAt('http_request.http_method')),
  column('http_status', 'INTEGER', 'Answer of the web server.', int32('http_response.code')),
  column('dns_query', TEXT, 'Name that was asked for.', textAt('query.hostname')),
  column('dns_answer', TEXT, 'What the answer said.', listAt('answers', 'rdata')),
  {
    name: 'patient',
    type: TEXT,
    description: 'Whose record it was: authority and id, or a stand-in.',
    of: ({ event }) => patientOf(event),
    patients: 'stand-in',
  },
  column('purpose', TEXT, 'Purpose of use: TREAT, BTG, HPAYMT, …', textAt('purpose_of_use')),
  column('break_glass', 'BOOLEAN', 'Whether the emergency exception was used.', (event) => {
    const has = breakGlass(event) !== undefined || event['purpose_of_use'] === 'BTG';
    return has ? true : event['patient'] === undefined ? null : false;
  }),
  column('care_relation', TEXT, 'Why the person may have to do with the patient.', textAt('care_relation')),
  column('record_types', TEXT, 'Kinds of record.', listAt('record_types')),
  column('record_count', 'BIGINT', 'How many records were reached.', numberAt('record_count')),
  column('facility', TEXT, 'Ward or practice.', textAt('facility_uid')),
  column('rule', TEXT, 'Title of the rule of a finding.', textAt('finding_info.title')),
  column('rule_id', TEXT, 'Id of that rule.', textAt('finding_info.analytic.uid')),
  column('finding_uid', TEXT, 'Id of the finding.', textAt('finding_info.uid')),
  column('tags', TEXT, 'Tags of the rule: ATT&CK tactics and techniques.', listAt('finding_info.types')),
  column('labels', TEXT, 'Labels: what was assumed, or why it was rejected.', listAt('metadata.labels')),
  { name: 'json', type: TEXT, description: 'The whole event (OCSF).', of: (row) => row.json, patients: 'hidden' },
  {
    name: 'patient_stand_in',
    type: TEXT,
    description: '',
    of: (row) => {
      const patient = patientOf(row.event);
      return patient === null ? null : row.standIn(patient);
    },
    patients: 'internal',
  },
  {
    name: 'names_patient',
    type: 'BOOLEAN',
    description: '',
    of: ({ event, classUid }) => namesPatient(event, classUid),
    patients: 'internal',
  },
];

/** Those that the views show. */
export const PUBLIC_COLUMNS = COLUMNS.filter(({ patients }) => patients !== 'internal');

function int32(path: string): (event: EventObject) => number | null {
  const get = numberAt(path);
  return (event) => {
    const value = get(event);
    return value === null || Math.abs(value) > 0x7fff_ffff ? null : value;
  };
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && Math.abs(value) <= TIME_MS_MAX ? Math.trunc(value) : null;
}

function byClass(
  special: Readonly<Record<number, (event: EventObject) => string | null>>,
  general: (event: EventObject) => string | null,
): (event: EventObject) => string | null {
  return (event) => {
    const uid = event['class_uid'];
    return ((typeof uid === 'number' ? special[uid] : undefined) ?? general)(event);
  };
}

const labelsOf = at('metadata.labels');

function labelled(event: EventObject, prefix: string): string | null {
  const labels = labelsOf(event);
  if (!Array.isArray(labels)) return null;
  const found: unknown = labels.find((one) => typeof one === 'string' && one.startsWith(prefix));
  return typeof found === 'string' ? found.slice(prefix.length).toWellFormed() : null;
}
