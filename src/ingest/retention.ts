import type { RetentionClass } from '#ledger';
import { intendedOf } from './ocsf/intended.ts';
import type { OcsfEvent } from './ocsf/types.ts';

/** Families whose every record is about patients and who touched their data. */
const CLINICAL_FAMILIES = new Set(['fhir-audit', 'atna', 'hl7v2', 'openemr']);
const DATASTORE_ACTIVITY = 6005;

/**
 * `record` (kept six years) for access to records, sign-in, administration and findings; `telemetry` (30 days) for the rest.
 * An event that became a Base Event is kept as long as the class that it was meant for.
 */
export function retentionOf(event: OcsfEvent): RetentionClass {
  const { classUid } = intendedOf(event);
  const category = Math.floor((classUid % 100_000) / 1000);
  if (category === 2 || category === 3 || classUid === DATASTORE_ACTIVITY) return 'record';
  if (event['patient'] !== undefined) return 'record';
  const format = event.metadata.log_format ?? '';
  return CLINICAL_FAMILIES.has(format.slice(0, format.indexOf('/'))) ? 'record' : 'telemetry';
}
