import type { MasterKey } from './master-key.ts';
import { isRecord, parseJson } from './json.ts';
import type { EntryInput, StoredEntry } from './types.ts';

/** What the ledger records about itself. */
export type OwnEvent =
  | { kind: 'erasure'; indexes: readonly number[]; reason: string }
  | { kind: 'expiry'; keys: readonly string[] }
  | { kind: 'hold_placed' | 'hold_released'; name: string }
  | { kind: 'retention_changed'; record: number; telemetry: number }
  | { kind: 'keys_rotated'; generation: number; vkeys: readonly string[] }
  | { kind: 'log_closed'; successor: string | null }
  | { kind: 'log_opened'; predecessor: string; checkpoint: string };

/** OCSF Entity Management. */
const CLASS_UID = 3004;
/** `metadata.log_name` of what the ledger records about itself. */
export const OWN_LOG_NAME = 'wardkeep-ledger';
const PURPOSE = 'own-event';

/** Whether an entry of this class may be the ledger's own. */
export function isOwnClass(classUid: number): boolean {
  return classUid === CLASS_UID;
}

/** OCSF activity: 1 create, 3 update, 4 delete. */
const ACTIVITY: Record<OwnEvent['kind'], 1 | 3 | 4> = {
  erasure: 4,
  expiry: 4,
  hold_placed: 1,
  hold_released: 4,
  retention_changed: 3,
  keys_rotated: 3,
  log_closed: 3,
  log_opened: 1,
};

/**
 * The entry that records `event`. Its raw part is an authentication code under the master key: so an
 * audit tells it from an event of a foreign log that only looks like it.
 */
export function ownEntry(event: OwnEvent, options: { uid: string; nowMs: number; master: MasterKey }): EntryInput {
  const activity = ACTIVITY[event.kind];
  const { kind, ...data } = event;
  const normal = Buffer.from(
    JSON.stringify({
      activity_id: activity,
      category_uid: 3,
      class_uid: CLASS_UID,
      type_uid: CLASS_UID * 100 + activity,
      severity_id: 1,
      time: options.nowMs,
      message: `ledger: ${kind.replaceAll('_', ' ')}`,
      entity: { name: 'ledger', uid: options.uid, type: 'Ledger', type_id: 99, data },
      metadata: {
        version: '1.8.0',
        product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
        log_name: OWN_LOG_NAME,
        event_code: kind,
        uid: options.uid,
      },
    }),
  );
  return { classUid: CLASS_UID, retention: 'record', normal, raw: options.master.mac(PURPOSE, normal), patient: null };
}

/** Indexes of bodies that an erasure named, and keys that an expiry named; null for any other entry. */
export function namedRemovals(
  entry: Pick<StoredEntry, 'classUid' | 'normal' | 'raw'>,
  master: MasterKey,
): { indexes: number[]; keys: string[] } | null {
  if (entry.classUid !== CLASS_UID || entry.raw.length !== 32) return null;
  if (!master.macMatches(PURPOSE, entry.normal, entry.raw)) return null;
  const event = parseJson(Buffer.from(entry.normal));
  const entity = isRecord(event) ? event['entity'] : null;
  const data = isRecord(entity) ? entity['data'] : null;
  if (!isRecord(data)) return null;
  const { indexes, keys } = data;
  return {
    indexes: Array.isArray(indexes) ? indexes.filter((one) => typeof one === 'number') : [],
    keys: Array.isArray(keys) ? keys.filter((one) => typeof one === 'string') : [],
  };
}
