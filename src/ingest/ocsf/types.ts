import type { NativeFields } from '../types.ts';
import type { OcsfClasses, OcsfClassUid } from './events.generated.ts';

/** `metadata` of an event: what describes the event itself and where it came from. Times in ms since the epoch. */
export interface OcsfMetadata {
  version: string;
  product: { name?: string; vendor_name?: string; version?: string; [attribute: string]: unknown };
  /** `<family>/<kind>`: names the mapping table, so that the native names can be had back. */
  log_format?: string;
  labels?: string[];
  /** What a sender stated of the event beside it. */
  tags?: { name: string; value?: string; values?: string[] }[] | undefined;
  profiles?: string[];
  /** Arrival. */
  logged_time?: number;
  /** Normalisation. */
  processed_time?: number;
  /** The event time verbatim, where `time` does not say all of it. */
  original_time?: string;
  uid?: string;
  [attribute: string]: unknown;
}

/**
 * An OCSF 1.8.0 event of any class: the attributes that every class has by name, the rest open. What a class
 * allows and requires stands in `schema.generated.ts` and is checked by `validateEvent`.
 */
export interface OcsfEvent {
  class_uid: number;
  category_uid: number;
  /** class_uid × 100 + activity_id. */
  type_uid: number;
  activity_id: number;
  severity_id: number;
  /** Milliseconds since the epoch. */
  time: number;
  metadata: OcsfMetadata;
  message?: string;
  status_id?: number;
  /** What has no place in the class, under its native name. */
  unmapped?: NativeFields;
  [attribute: string]: unknown;
}

/** The version of OCSF that every emitted event states. */
export const OCSF_VERSION = '1.8.0';

/** Whether the event is of this class; its attributes then have their types. */
export function isOfClass<Uid extends OcsfClassUid>(event: OcsfEvent, uid: Uid): event is OcsfEvent & OcsfClasses[Uid] {
  return event.class_uid === uid;
}
