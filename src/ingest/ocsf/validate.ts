import { classSpec, holds, objectSpec, type AttributeSpec, type ItemSpec } from './schema.ts';
import { PROFILES } from './schema.generated.ts';

export type ViolationCode =
  /** No class has this number. */
  | 'class_unknown'
  /** A required attribute is missing; `path` names it. */
  | 'required_missing'
  /** None of the attributes of which one is needed, or more than one where just one is allowed. */
  | 'constraint_failed'
  /** An attribute that the class or object does not have (or only under a profile that the event does not state). */
  | 'attribute_unknown'
  /** Not one of the numbers or words of the enum. */
  | 'enum_unknown'
  /** Of another type, or outside the type's range, length or pattern. */
  | 'wrong_type'
  /** `metadata.profiles` names a profile that does not exist. */
  | 'profile_unknown'
  /** Objects within objects beyond the limit. */
  | 'too_deep';

/** One way in which an event breaks the schema. Paths and codes only: no content of the event. */
export interface Violation {
  readonly path: string;
  readonly code: ViolationCode;
}

/** Objects within objects; a process tree is the deepest that real events have. */
export const EVENT_DEPTH_MAX = 32;

/** Checking stops here: an event with so many faults needs no more of them. */
export const VIOLATIONS_MAX = 100;

interface Walk {
  readonly found: Violation[];
  readonly profiles: ReadonlySet<string>;
}

/**
 * Checks an event against OCSF 1.8.0 with the platform extensions and `phi_access`: required attributes (also those
 * that a stated profile requires), constraints, enums, types, and that nothing unknown stands outside `unmapped`.
 * Empty when the event is valid. Never throws, whatever the value.
 */
export function validateEvent(event: unknown): Violation[] {
  const found: Violation[] = [];
  if (!isObject(event)) return [{ path: '', code: 'wrong_type' }];
  const uid = event['class_uid'];
  const spec = typeof uid === 'number' ? classSpec(uid) : null;
  if (spec === null) return [{ path: 'class_uid', code: uid === undefined ? 'required_missing' : 'class_unknown' }];
  const profiles = statedProfiles(event, found);
  checkItem(spec, event, '', 0, { found, profiles });
  const { activity_id: activity, type_uid: type } = event;
  const isTyped = typeof uid === 'number' && typeof activity === 'number' && type === uid * 100 + activity;
  if (!isTyped) add(found, 'type_uid', 'enum_unknown');
  return found;
}

function statedProfiles(event: Record<string, unknown>, found: Violation[]): ReadonlySet<string> {
  const metadata = event['metadata'];
  const stated = isObject(metadata) ? metadata['profiles'] : undefined;
  if (!Array.isArray(stated)) return new Set();
  const names = stated.filter((name) => typeof name === 'string');
  for (const name of names) if (!PROFILES.includes(name)) add(found, 'metadata.profiles', 'profile_unknown');
  return new Set(names);
}

function checkItem(spec: ItemSpec, item: Record<string, unknown>, path: string, depth: number, walk: Walk): void {
  if (spec.open) return;
  if (depth > EVENT_DEPTH_MAX) return add(walk.found, path, 'too_deep');
  for (const name in item) {
    if (walk.found.length >= VIOLATIONS_MAX) return;
    const value = item[name];
    if (value === undefined) continue;
    const attribute = spec.attributes.get(name);
    const at = path === '' ? name : `${path}.${name}`;
    if (attribute === undefined || !allowed(attribute, walk.profiles)) add(walk.found, at, 'attribute_unknown');
    else checkAttribute(attribute, value, at, depth, walk);
  }
  for (const name of missing(spec, item, walk.profiles))
    add(walk.found, path === '' ? name : `${path}.${name}`, 'required_missing');
  if (!constraintsHold(spec, item)) add(walk.found, path, 'constraint_failed');
}

function checkAttribute(attribute: AttributeSpec, value: unknown, path: string, depth: number, walk: Walk): void {
  if (!attribute.isArray) return checkValue(attribute, value, path, depth, walk);
  if (!Array.isArray(value)) return add(walk.found, path, 'wrong_type');
  value.forEach((item, index) => {
    if (walk.found.length < VIOLATIONS_MAX) checkValue(attribute, item, `${path}.${index}`, depth, walk);
  });
}

function checkValue(attribute: AttributeSpec, value: unknown, path: string, depth: number, walk: Walk): void {
  if (!holds(attribute, value)) {
    const offList = attribute.values !== null && (typeof value === 'string' || typeof value === 'number');
    add(walk.found, path, offList ? 'enum_unknown' : 'wrong_type');
  } else if (attribute.base === 'object' && isObject(value)) {
    checkItem(objectSpec(attribute.type), value, path, depth + 1, walk);
  }
}

function allowed({ profiles }: AttributeSpec, stated: ReadonlySet<string>): boolean {
  return profiles.length === 0 || profiles.some((profile) => stated.has(profile));
}

/** Names of the required attributes that are not there. */
export function missing(spec: ItemSpec, item: Record<string, unknown>, stated: ReadonlySet<string>): string[] {
  const names = spec.required.filter((name) => item[name] === undefined);
  for (const attribute of spec.requiredByProfile)
    if (item[attribute.name] === undefined && allowed(attribute, stated)) names.push(attribute.name);
  return names;
}

/** Whether `at_least_one` and `just_one` hold. */
export function constraintsHold({ atLeastOne, justOne }: ItemSpec, item: Record<string, unknown>): boolean {
  if (atLeastOne !== null && count(atLeastOne, item, 1) === 0) return false;
  return justOne === null || count(justOne, item, 2) === 1;
}

/** How many of the attributes are there; stops counting at `enough`. A loop, since every object of every event comes by. */
function count(names: readonly string[], item: Record<string, unknown>, enough: number): number {
  let found = 0;
  for (const name of names) if (isThere(item, name) && ++found === enough) return found;
  return found;
}

/** A constraint may look into an object: `device.os.version`. */
function isThere(item: Record<string, unknown>, name: string): boolean {
  if (item[name] !== undefined) return true;
  const dot = name.indexOf('.');
  if (dot === -1) return false;
  const inner = item[name.slice(0, dot)];
  return isObject(inner) && isThere(inner, name.slice(dot + 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function add(found: Violation[], path: string, code: ViolationCode): void {
  if (found.length < VIOLATIONS_MAX) found.push({ path, code });
}
