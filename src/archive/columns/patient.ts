import { type EventObject, textAt } from './path.ts';

/** Families whose records are about patients, whatever fields they have. */
const CLINICAL_FAMILIES = new Set(['fhir-audit', 'atna', 'hl7v2', 'openemr']);
const FINDING = 2004;
const DATASTORE_ACTIVITY = 6005;

const format = textAt('metadata.log_format');
const actorUid = textAt('actor.user.uid', 'user.uid');

/**
 * Whether an event may name a patient: it states one, is of a clinical source or about stored records, or quotes such an
 * event (a finding). A patient's name in the free text of any other log is not recognised.
 */
export function namesPatient(event: EventObject, classUid: number): boolean {
  if (event['patient'] !== undefined || classUid === FINDING || classUid === DATASTORE_ACTIVITY) return true;
  const said = format(event) ?? '';
  return CLINICAL_FAMILIES.has(said.slice(0, said.indexOf('/'))) || isPatientAccount(actorUid(event));
}

/** Whether a user id is that of a patient who reads their own record. */
export function isPatientAccount(uid: string | null): boolean {
  return uid !== null && /(?:^|\/)Patient\//.test(uid);
}
