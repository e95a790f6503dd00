import type { Draft, EventTime, NativeFields } from '../types.ts';
import { compileSetter, defaultCodec, type Setter } from './path.ts';
import { OCSF_VERSION, type OcsfEvent, type OcsfMetadata } from './types.ts';

/** The draft behind the `Draft` that families fill; every `Draft` was made by `createDraft`. */
export interface EventDraft extends Draft {
  readonly root: OcsfEvent;
  readonly unmapped: NativeFields;
  /** The native fields, once a field map was applied. */
  fields: NativeFields | undefined;
  labels: string[] | undefined;
  profiles: string[] | undefined;
}

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

/** An empty draft. */
export function createDraft(): EventDraft {
  return {
    classUid: 0,
    activityId: 0,
    severityId: 0,
    statusId: undefined,
    message: undefined,
    root: {
      class_uid: 0,
      category_uid: 0,
      type_uid: 0,
      activity_id: 0,
      severity_id: 0,
      time: 0,
      metadata: { version: OCSF_VERSION, product: {}, log_format: '', logged_time: 0 },
    },
    unmapped: {},
    fields: undefined,
    labels: undefined,
    profiles: undefined,
    set: setAttribute,
    label: addLabel,
    profile: addProfile,
  };
}

/** The draft's inside; throws on a draft that did not come from `createDraft`. */
export function innards(draft: Draft): EventDraft {
  if (!isEventDraft(draft)) throw new TypeError('the draft was not made by createDraft');
  return draft;
}

function isEventDraft(draft: Draft): draft is EventDraft {
  return 'root' in draft;
}

/** The finished event. */
export function finishDraft(draft: Draft, origin: Origin): OcsfEvent {
  const { root: event, unmapped, labels, profiles } = innards(draft);
  event.class_uid = draft.classUid;
  event.category_uid = categoryOf(draft.classUid);
  event.activity_id = draft.activityId;
  event.type_uid = draft.classUid * 100 + draft.activityId;
  event.severity_id = draft.severityId;
  if (draft.statusId !== undefined) event.status_id = draft.statusId;
  if (draft.message !== undefined) event.message = draft.message;
  event.time = origin.time === null ? origin.receivedMs : origin.time.ms;
  finishMetadata(event.metadata, origin, labels, profiles);
  for (const _ in unmapped) {
    event.unmapped = unmapped;
    break;
  }
  return event;
}

/** The kind that `finishDraft` noted in the event: the part of `metadata.log_format` behind the family. */
export function kindOf(event: OcsfEvent): string {
  const format = event.metadata.log_format ?? '';
  return format.slice(format.indexOf('/') + 1);
}

/** The category that a class number states; extension classes carry their extension in front. */
export function categoryOf(classUid: number): number {
  return Math.floor((classUid % 100_000) / 1000);
}

function finishMetadata(
  metadata: OcsfMetadata,
  origin: Origin,
  labels: string[] | undefined,
  profiles: string[] | undefined,
): void {
  if (metadata.product.name === undefined)
    metadata.product = origin.product ?? { name: origin.family, vendor_name: origin.family };
  metadata.log_format = `${origin.family}/${origin.kind}`;
  metadata.logged_time = origin.receivedMs;
  if (origin.processedMs !== undefined) metadata.processed_time = origin.processedMs;
  if (origin.time?.original !== undefined) metadata.original_time ??= origin.time.original;
  const all = timeLabels(origin.time, labels);
  if (all !== undefined) metadata.labels = all;
  if (profiles !== undefined) metadata.profiles = profiles;
}

function timeLabels(time: EventTime | null, labels: string[] | undefined): string[] | undefined {
  if (time === null) return [...(labels ?? []), 'time:received'];
  return time.labels === undefined || time.labels.length === 0 ? labels : [...(labels ?? []), ...time.labels];
}

interface Target {
  readonly set: Setter;
  readonly to: (value: unknown) => unknown;
}

/** Paths are constants of the code, so this stays small; the limit guards against a caller that makes them up. */
const PATHS_MAX = 4096;
const targets = new Map<string, Target>();

function targetOf(path: string): Target {
  const known = targets.get(path);
  if (known !== undefined) return known;
  if (targets.size >= PATHS_MAX) throw new TypeError(`more than ${PATHS_MAX} attribute paths`);
  const made = { set: compileSetter(path), to: defaultCodec(path).to };
  targets.set(path, made);
  return made;
}

function setAttribute(this: EventDraft, path: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const target = targetOf(path);
  const made = typeof value === 'object' ? value : target.to(value);
  if (made !== undefined) target.set(this.root, made);
}

function addLabel(this: EventDraft, label: string): void {
  (this.labels ??= []).push(label);
}

function addProfile(this: EventDraft, name: string): void {
  this.profiles ??= [];
  if (!this.profiles.includes(name)) this.profiles.push(name);
}
