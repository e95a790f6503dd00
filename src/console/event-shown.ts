import type { EventRow } from '#archive';
import { className } from '#ingest';
import type { EventSummary } from './api.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** Formats whose every record is about patients and who touched their data. */
const CLINICAL_FAMILIES = new Set(['fhir-audit', 'atna', 'hl7v2', 'openemr']);
/** Events of the console itself may hold what somebody searched for. */
const CONSOLE_LOG = 'wardkeep-console';
const DETECTION_FINDING = 2004;

/** `Datastore activity`; the number where this version knows no such class. */
export function classWords(classUid: number): string {
  const words = className(classUid)?.replaceAll('_', ' ') ?? `class ${classUid}`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A row of the archive as this caller may see it; `mayConcern` is said by who knows more of the event than its row. */
export function rowShown(
  { veil }: Services,
  caller: Caller,
  row: EventRow,
  mayConcern = rowMayConcernPatient(row),
): EventSummary {
  const named = { ...row, className: classWords(row.classUid) };
  if (caller.seesPatients || !mayConcern) return named;
  return {
    ...named,
    text: `${named.className} (whom it concerns is hidden)`,
    user: isPatientAccount(row.user) ? veil.standIn(row.user ?? '') : row.user,
    patient: row.patient === null ? null : veil.standIn(row.patient),
  };
}

/** What nobody understood (class 0) may be about a patient, too. */
export function rowMayConcernPatient(row: EventRow): boolean {
  return row.patient !== null || row.classUid === 0 || isPatientAccount(row.user);
}

/** Patients who look at their own record sign in under their FHIR identity. */
function isPatientAccount(user: string | null): boolean {
  return user !== null && /(?:^|\/)Patient\//.test(user);
}

/** Whether an event says, or might say, whom it concerns. In doubt it does. */
export function mayConcernPatient(event: Readonly<Record<string, unknown>>): boolean {
  if (event['patient'] !== undefined || event['class_uid'] === DETECTION_FINDING) return true;
  const metadata = objectAt(event, 'metadata');
  const family = (textOr(metadata['log_format']) ?? '').split('/')[0] ?? '';
  if (CLINICAL_FAMILIES.has(family) || metadata['log_name'] === CONSOLE_LOG) return true;
  const labels = listAt(metadata, 'labels');
  if (labels.some((label) => label.startsWith('rejected:'))) return true;
  const uid = objectAt(objectAt(event, 'actor'), 'user')['uid'];
  return listAt(metadata, 'profiles').includes('phi_access') || (typeof uid === 'string' && isPatientAccount(uid));
}

/** A summary out of the event itself, for entries that the archive does not have (yet). */
export function summaryOfEvent(index: number, receivedMs: number, event: Readonly<Record<string, unknown>>): EventRow {
  const device = objectAt(event, 'device');
  const source = objectAt(event, 'src_endpoint');
  const classUid = numberOr(event['class_uid'], 0);
  return {
    index,
    atMs: numberOr(event['time'], receivedMs),
    receivedMs,
    classUid,
    severity: numberOr(event['severity_id'], 0),
    text: textOr(event['message']) ?? classWords(classUid),
    user: userOf(objectAt(objectAt(event, 'actor'), 'user')) ?? userOf(objectAt(event, 'user')),
    device: textOr(device['hostname']) ?? textOr(device['name']),
    address: textOr(source['ip']) ?? textOr(device['ip']),
    patient: textOr(objectAt(event, 'patient')['uid']) ?? textOr(objectAt(event, 'patient')['hash']),
    sourceId: null,
  };
}

function userOf(user: Readonly<Record<string, unknown>>): string | null {
  return textOr(user['name']) ?? textOr(user['uid']);
}

function objectAt(value: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const found = value[name];
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : {};
}

function listAt(value: Readonly<Record<string, unknown>>, name: string): string[] {
  const found = value[name];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : other;
}
