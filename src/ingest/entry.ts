import { createHash } from 'node:crypto';
import type { RetentionClass } from '#ledger';
import { type Position, REJECTED_FORMAT, eventOf, rejectedEvent } from './normalise.ts';
import type { OcsfEvent, OcsfMetadata } from './ocsf/types.ts';
import { patientView } from './patient-view.ts';
import type { Item } from './read/reader.ts';
import { retentionOf } from './retention.ts';
import type { MapContext } from './types.ts';

/** Source name, or `default`, → keep all of a record as received, or its SHA-256 alone. */
export type RawPolicies = Readonly<Record<string, 'full' | 'hash'>>;

/** An event as it goes to the ledger. */
export interface Entry {
  classUid: number;
  retention: RetentionClass;
  /** OCSF JSON. */
  normal: string;
  raw: Uint8Array;
  patient: string | null;
}

export interface EntryContext {
  time: Omit<MapContext, 'format'>;
  raw: RawPolicies;
  /** Added to the event's labels. */
  labels?: readonly string[];
  /** Added to the tags of its metadata. */
  tags?: OcsfMetadata['tags'];
}

/** Characters of an event's JSON; a record whose event is longer is kept raw, as rejected. */
const NORMAL_CHARS_MAX = 16 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** What an item is in the ledger, and its event. */
export function entryOf(item: Item, position: Position, context: EntryContext): { entry: Entry; event: OcsfEvent } {
  const name = item.source?.name ?? 'unknown';
  const event = eventOf(item, position, { ...context.time, format: name });
  addLabels(event, context.labels);
  addTags(event, context.tags);
  // What did not parse is kept whole, so that a later version can try again.
  const isRejected = event.metadata.log_format === REJECTED_FORMAT;
  const isHashed = !isRejected && (context.raw[name] ?? context.raw['default']) === 'hash';
  if (isHashed && item.part === 0) event['raw_data_hash'] = sha256Of(item.raw);
  const entry = asEntry(event, isHashed ? NOTHING : item.raw);
  if (entry.normal.length <= NORMAL_CHARS_MAX) return { entry, event };
  const reason = `the event would be longer than ${NORMAL_CHARS_MAX} characters; the record is kept as it came`;
  const rejected = rejectedEvent({ reject: 'too_long', reason }, position, context.time.receivedMs);
  addLabels(rejected, context.labels);
  addTags(rejected, context.tags);
  return { entry: asEntry(rejected, item.raw), event: rejected };
}

/** An event that Wardkeep itself has to say, as it goes to the ledger. */
export function ownEventEntry(event: OcsfEvent): Entry {
  return asEntry(event, NOTHING);
}

function addLabels(event: OcsfEvent, labels: readonly string[] | undefined): void {
  if (labels === undefined || labels.length === 0) return;
  event.metadata.labels = [...(event.metadata.labels ?? []), ...labels];
}

function addTags(event: OcsfEvent, tags: EntryContext['tags']): void {
  if (tags !== undefined && tags.length > 0) event.metadata.tags = [...(event.metadata.tags ?? []), ...tags];
}

function asEntry(event: OcsfEvent, raw: Uint8Array): Entry {
  const view = patientView(event);
  return {
    classUid: event.class_uid,
    retention: retentionOf(event),
    normal: JSON.stringify(event),
    raw,
    patient: view === null ? null : JSON.stringify(view),
  };
}

/** OCSF `fingerprint`: algorithm 3 is SHA-256. */
function sha256Of(raw: Buffer) {
  return { algorithm_id: 3, algorithm: 'SHA-256', value: createHash('sha256').update(raw).digest('hex') };
}
