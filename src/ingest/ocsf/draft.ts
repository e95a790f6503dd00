import type { Draft, EventTime } from '../types.ts';
import { classify, conform } from './conform.ts';
import { innards, type EventDraft } from './event-draft.ts';
import type { OcsfEvent, OcsfMetadata } from './types.ts';

export { createDraft } from './event-draft.ts';

/** What the event in the making came from. */
export interface Origin {
  /** Name of the family: `windows`. */
  family: string;
  /** Kind within the family: `security/4624`. */
  kind: string;
  /** Product that wrote the log, where the map did not set `metadata.product`; default: the family's name. */
  product?: { name: string; vendor_name: string };
  /** Null when the source does not say: then `time` is the arrival and the event is labelled `time:received`. */
  time: EventTime | null;
  receivedMs: number;
  processedMs?: number;
}

/**
 * The finished event, valid for its class: attributes that the class or an object cannot have go back to `unmapped`,
 * and an event that lacks what its class requires becomes a Base Event labelled `class:<uid>` (see `conform`).
 */
export function finishDraft(draft: Draft, origin: Origin): OcsfEvent {
  const inside = innards(draft);
  const event = inside.root;
  classify(event, draft.classUid, draft.activityId);
  event.severity_id = draft.severityId;
  if (draft.statusId !== undefined) event.status_id = draft.statusId;
  if (draft.message !== undefined) event.message = draft.message;
  event.time = origin.time === null ? origin.receivedMs : origin.time.ms;
  conform(inside);
  finishMetadata(event.metadata, origin, inside);
  if (inside.hasUnmapped) event.unmapped = inside.unmapped;
  return event;
}

/** The kind that `finishDraft` noted in the event: the part of `metadata.log_format` behind the family. */
export function kindOf(event: OcsfEvent): string {
  const format = event.metadata.log_format ?? '';
  return format.slice(format.indexOf('/') + 1);
}

function finishMetadata(metadata: OcsfMetadata, origin: Origin, { labels, profiles, map }: EventDraft): void {
  if (metadata.product.name === undefined && metadata.product['uid'] === undefined) {
    const named = origin.product ?? { name: origin.family, vendor_name: origin.family };
    metadata.product = { ...named, ...metadata.product };
  }
  metadata.log_format = `${origin.family}/${origin.kind}`;
  metadata.logged_time = origin.receivedMs;
  if (origin.processedMs !== undefined) metadata.processed_time = origin.processedMs;
  if (origin.time?.original !== undefined && map?.ownsOriginalTime !== true)
    metadata.original_time ??= origin.time.original;
  const all = timeLabels(origin.time, labels);
  if (all !== undefined) metadata.labels = all;
  if (profiles !== undefined) metadata.profiles = profiles;
}

function timeLabels(time: EventTime | null, labels: string[] | undefined): string[] | undefined {
  if (time === null) return [...(labels ?? []), 'time:received'];
  return time.labels === undefined || time.labels.length === 0 ? labels : [...(labels ?? []), ...time.labels];
}
