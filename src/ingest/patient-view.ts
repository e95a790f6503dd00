import { intendedOf } from './ocsf/intended.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { entryOf } from '#kernel';

/** What a patient may see of one event about their record; the ledger adds the patient's counter when it appends. */
export interface PatientView {
  /** Key of the patient, as `patientKey` gives it. */
  patient: string;
  /** ISO 8601, UTC. */
  time: string;
  /** Present when the source stated no time of its own and `time` is the arrival. */
  time_source?: 'received';
  /** Who, in plain words. */
  who: string;
  role?: string;
  department?: string;
  /** What was done: read, search, create, change, delete, share, other. */
  action: string;
  /** Kinds of record; empty where the source does not say. */
  records: string[];
  /** Why, in plain words where the code is a known one. */
  purpose?: string;
  /** Facility or place; never an address of the network. */
  from?: string;
  /** Present when the emergency exception was used. */
  emergency?: true;
  outcome: 'done' | 'refused or failed' | 'unknown';
}

/** Texts of one view are cut here, so that a view stays small whatever a source writes. */
const TEXT_MAX = 200;
const RECORDS_MAX = 20;

const ACTIONS: Readonly<Record<string, string>> = {
  1: 'read',
  2: 'change',
  4: 'search',
  5: 'change',
  6: 'create',
  7: 'delete',
  8: 'search',
};
/** Classes whose activities are numbered Create, Read, Update, Delete: web resources and API. */
const CRUD_CLASSES = new Set([6001, 6003]);
const CRUD: Readonly<Record<string, string>> = { 1: 'create', 2: 'read', 3: 'change', 4: 'delete' };

/** HL7 v3 PurposeOfUse codes (terminology.hl7.org/ValueSet/v3-PurposeOfUse) that patients meet. */
const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: 'treatment',
  ETREAT: 'emergency treatment',
  BTG: 'emergency access',
  CAREMGT: 'care management',
  CLINTRCH: 'clinical trial',
  HPAYMT: 'payment',
  HOPERAT: 'running the hospital',
  HRESCH: 'research',
  HSYSADMIN: 'system administration',
  PATRQT: 'your own request',
  FAMRQT: 'a request of your family',
  PATADMIN: 'patient administration',
  PUBHLTH: 'public health',
  PUBLICHEALTH: 'public health',
  COVERAGE: 'insurance coverage',
  HLEGAL: 'a legal matter',
};

/** Authority and identifier of the patient (`urn:oid:1.2.3|4711`), or null when the event names none. */
export function patientKey(event: OcsfEvent): string | null {
  // Not shortened as the view's texts are: two patients must never share a key.
  for (const name of ['uid', 'hash']) {
    const value = valueOf(event, ['patient', name]);
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/**
 * The part of an event that its patient may see, or null where the event concerns no patient's record. It holds no
 * identifiers of records, queries, network addresses, sessions or rules, and nobody else's data.
 */
export function patientView(event: OcsfEvent): PatientView | null {
  const patient = patientKey(event);
  if (patient === null || intendedOf(event).classUid === 2004) return null;
  const role = group(event, 'role');
  const department = group(event, 'department');
  const purpose = textOf(event, 'purpose_of_use');
  const from = textOf(event, 'facility_uid') ?? textOf(event, 'src_endpoint', 'location', 'desc');
  return {
    patient,
    time: timeText(event.time),
    ...(event.metadata.labels?.includes('time:received') === true ? { time_source: 'received' as const } : {}),
    who: whoOf(event, patient),
    ...(role === undefined ? {} : { role }),
    ...(department === undefined ? {} : { department }),
    action: actionOf(event),
    records: recordsOf(event),
    ...(purpose === undefined ? {} : { purpose: entryOf(PURPOSES, purpose) ?? purpose }),
    ...(from === undefined ? {} : { from }),
    ...(event['break_glass'] === undefined && purpose !== 'BTG' ? {} : { emergency: true as const }),
    outcome: event.status_id === 1 ? 'done' : event.status_id === 2 ? 'refused or failed' : 'unknown',
  };
}

/** A forged time may lie where no calendar reaches; the view still has to be made. */
function timeText(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'unknown';
}

function whoOf(event: OcsfEvent, patient: string): string {
  const uid = textOf(event, 'actor', 'user', 'uid');
  // Who asks as a patient is either this one or somebody whose identity is none of theirs.
  if (uid !== undefined && /(?:^|\/)Patient\//.test(uid))
    return uid === patient ? 'yourself' : 'another person with a patient account';
  return (
    textOf(event, 'actor', 'user', 'full_name') ??
    textOf(event, 'actor', 'user', 'name') ??
    uid ??
    textOf(event, 'actor', 'app_name') ??
    'unknown'
  );
}

function actionOf(event: OcsfEvent): string {
  const { classUid, activityId } = intendedOf(event);
  if (classUid === 6005) return entryOf(ACTIONS, String(activityId)) ?? 'other';
  return (CRUD_CLASSES.has(classUid) ? entryOf(CRUD, String(activityId)) : undefined) ?? 'other';
}

function recordsOf(event: OcsfEvent): string[] {
  const types = event['record_types'];
  if (!Array.isArray(types)) return [];
  return types
    .filter((type) => typeof type === 'string')
    .slice(0, RECORDS_MAX)
    .map(shorten);
}

function group(event: OcsfEvent, type: string): string | undefined {
  const groups = valueOf(event, ['actor', 'user', 'groups']);
  if (!Array.isArray(groups)) return undefined;
  const found: unknown = groups.find((one) => valueOf(one, ['type']) === type);
  return textOf(found, 'name');
}

function textOf(value: unknown, ...names: string[]): string | undefined {
  const found = valueOf(value, names);
  return typeof found === 'string' && found !== '' ? shorten(found) : undefined;
}

function valueOf(value: unknown, names: readonly string[]): unknown {
  let at: unknown = value;
  for (const name of names)
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined;
  return at;
}

function shorten(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
