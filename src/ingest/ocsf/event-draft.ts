import type { Draft, NativeFields } from '../types.ts';
import { codecFor, resolvePath } from './attribute.ts';
import type { FieldMap } from './field-map.ts';
import { compileSetter, type Setter } from './path.ts';
import { holds } from './schema.ts';
import { OCSF_VERSION, type OcsfEvent } from './types.ts';

/** The draft behind the `Draft` that families fill; every `Draft` was made by `createDraft`. */
export interface EventDraft extends Draft {
  readonly root: OcsfEvent;
  readonly unmapped: NativeFields;
  hasUnmapped: boolean;
  /** The native fields, once a field map was applied. */
  fields: NativeFields | undefined;
  map: FieldMap | undefined;
  labels: string[] | undefined;
  profiles: string[] | undefined;
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
    hasUnmapped: false,
    fields: undefined,
    map: undefined,
    labels: undefined,
    profiles: undefined,
    set: setAttribute,
    label: addLabel,
    profile: stateProfile,
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

interface Writer {
  readonly set: Setter;
  readonly to: (value: unknown) => unknown;
  readonly profile: string | null;
}

/** Paths are constants of the code, so this stays small; the limit guards against a caller that makes them up. */
const PATHS_MAX = 4096;
const writers = new Map<string, Writer>();

function writerOf(path: string): Writer {
  const known = writers.get(path);
  if (known !== undefined) return known;
  if (writers.size >= PATHS_MAX) throw new TypeError(`more than ${PATHS_MAX} attribute paths`);
  const made = compileWriter(path);
  writers.set(path, made);
  return made;
}

function compileWriter(path: string): Writer {
  const target = resolvePath(path);
  const { attribute, isItem, profile, zeros } = target;
  // Times and objects are the mapping's own business: it has made the value itself.
  const isOwn = attribute.type === 'timestamp_t' || (attribute.base === 'object' && attribute.type !== 'object');
  if (!isOwn) return { set: compileSetter(path, zeros), to: codecFor(path, target).to, profile };
  const isArray = attribute.isArray && !isItem;
  const to = (value: unknown): unknown => (isArray || holds(attribute, value) ? value : undefined);
  return { set: compileSetter(path, zeros), to, profile };
}

function setAttribute(this: EventDraft, path: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const { set, to, profile } = writerOf(path);
  const made = to(value);
  if (made === undefined) return;
  set(this.root, made);
  if (profile !== null) addProfile(this, profile);
}

function addLabel(this: EventDraft, label: string): void {
  (this.labels ??= []).push(label);
}

/** States a profile, once. */
export function addProfile(draft: EventDraft, name: string): void {
  draft.profiles ??= [];
  if (!draft.profiles.includes(name)) draft.profiles.push(name);
}

function stateProfile(this: EventDraft, name: string): void {
  addProfile(this, name);
}
