import { addProfile, type EventDraft } from './event-draft.ts';
import { intendedLabels } from './intended.ts';
import { put } from './native.ts';
import { classSpec, objectSpec, type AttributeSpec, type ItemSpec } from './schema.ts';
import type { OcsfEvent } from './types.ts';
import { constraintsHold, missing } from './validate.ts';

type Item = Record<string, unknown>;

/** Writes the numbers that say what the event is. An extension's class carries the extension in front. */
export function classify(event: OcsfEvent, classUid: number, activityId: number): void {
  event.class_uid = classUid;
  event.category_uid = Math.floor((classUid % 100_000) / 1000);
  event.activity_id = activityId;
  event.type_uid = classUid * 100 + activityId;
}

/**
 * Makes the draft's event fit its class. States the profiles whose attributes it uses; takes out attributes and
 * objects that the class cannot have or that lack what they need, with their native fields back to `unmapped`; and
 * when the class's own requirements are not met, turns it into a Base Event. Most events pass the quick look alone.
 */
export function conform(draft: EventDraft): void {
  const event = draft.root;
  const spec = classSpec(event.class_uid);
  if (spec === null) throw new TypeError(`the schema has no class ${event.class_uid}`);
  if (isSound(draft, spec)) return;
  repair(draft, spec);
  if (missing(spec, event, stated(draft)).length > 0 || !constraintsHold(spec, event)) demote(draft);
}

function isSound(draft: EventDraft, spec: ItemSpec): boolean {
  const event = draft.root;
  for (const name in event) {
    const attribute = spec.attributes.get(name);
    if (attribute === undefined || !isListed(attribute, event[name])) return false;
    const [profile] = attribute.profiles;
    if (profile !== undefined) addProfile(draft, profile);
    if (attribute.base === 'object' && name !== 'metadata' && !valueIsSound(attribute, event[name])) return false;
  }
  for (const name of spec.required) if (event[name] === undefined) return false;
  if (draft.profiles !== undefined && missing(spec, event, stated(draft)).length > 0) return false;
  return constraintsHold(spec, event);
}

function isListed({ values }: AttributeSpec, value: unknown): boolean {
  return values === null || ((typeof value === 'number' || typeof value === 'string') && values.has(value));
}

function valueIsSound(attribute: AttributeSpec, value: unknown): boolean {
  const spec = objectSpec(attribute.type);
  if (!attribute.isArray) return isItem(value) && itemIsSound(spec, value);
  return Array.isArray(value) && value.every((item) => isItem(item) && itemIsSound(spec, item));
}

function itemIsSound(spec: ItemSpec, item: Item): boolean {
  if (spec.open) return true;
  for (const name in item) {
    const value = item[name];
    if (typeof value !== 'object') continue;
    const attribute = spec.attributes.get(name);
    if (attribute === undefined || (attribute.base === 'object' && !valueIsSound(attribute, value))) return false;
  }
  for (const name of spec.required) if (item[name] === undefined) return false;
  return constraintsHold(spec, item);
}

function repair(draft: EventDraft, spec: ItemSpec): void {
  const event = draft.root;
  for (const name of Object.keys(event)) {
    const attribute = spec.attributes.get(name);
    const fits = attribute !== undefined && isListed(attribute, event[name]);
    if (!fits || (name !== 'metadata' && !repairValue(draft, attribute, event[name], name)))
      drop(draft, event, name, name);
  }
  for (const name of spec.zeros) event[name] ??= 0;
  dropProfilesWithoutTheirCore(draft, spec);
}

/** Mends an object in place; false when it has to go. An array goes as a whole: its items have their places. */
function repairValue(draft: EventDraft, attribute: AttributeSpec, value: unknown, path: string): boolean {
  if (attribute.base !== 'object') return true;
  if (attribute.isArray || !isItem(value)) return valueIsSound(attribute, value);
  const spec = objectSpec(attribute.type);
  if (spec.open) return true;
  for (const name of Object.keys(value)) {
    const inner = spec.attributes.get(name);
    const at = `${path}.${name}`;
    if (inner === undefined || !repairValue(draft, inner, value[name], at)) drop(draft, value, name, at);
  }
  for (const name of spec.zeros) value[name] ??= 0;
  return spec.required.every((name) => value[name] !== undefined) && constraintsHold(spec, value);
}

/** A profile whose required attribute is missing cannot be stated, nor can its other attributes stay. */
function dropProfilesWithoutTheirCore(draft: EventDraft, spec: ItemSpec): void {
  const event = draft.root;
  const broken = new Set(
    spec.requiredByProfile.filter(({ name }) => event[name] === undefined).flatMap(({ profiles }) => profiles),
  );
  draft.profiles = draft.profiles?.filter((profile) => !broken.has(profile));
  for (const name of Object.keys(event)) {
    const attribute = spec.attributes.get(name);
    if (attribute === undefined) continue;
    const [profile] = attribute.profiles;
    if (usesAny(attribute, event[name], broken)) drop(draft, event, name, name);
    else if (profile !== undefined) addProfile(draft, profile);
  }
}

/** Whether the attribute, or one anywhere inside it, comes from one of these profiles alone. */
function usesAny(attribute: AttributeSpec, value: unknown, profiles: ReadonlySet<string>): boolean {
  if (profiles.size === 0) return false;
  if (attribute.profiles.length > 0 && attribute.profiles.every((profile) => profiles.has(profile))) return true;
  if (attribute.base !== 'object' || typeof value !== 'object' || value === null) return false;
  const spec = objectSpec(attribute.type);
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.some(
    (item) =>
      isItem(item) &&
      Object.keys(item).some((name) => {
        const inner = spec.attributes.get(name);
        return inner !== undefined && usesAny(inner, item[name], profiles);
      }),
  );
}

function drop(draft: EventDraft, parent: Item, name: string, path: string): void {
  delete parent[name];
  draft.map?.restore(draft, path);
}

/**
 * What the class requires is not there: a Base Event with all native fields in `unmapped` and no invented values. Whose
 * record it was, and why, stays: the schema's base event has `phi_access` by our extension.
 */
function demote(draft: EventDraft): void {
  const event = draft.root;
  const base = classSpec(0);
  if (base === null) throw new TypeError('the schema has no base event');
  for (const label of intendedLabels({ classUid: event.class_uid, activityId: event.activity_id })) draft.label(label);
  classify(event, 0, event.activity_id === 0 ? 0 : 99);
  for (const name in draft.fields) {
    put(draft.unmapped, name, draft.fields[name]);
    draft.hasUnmapped = true;
  }
  repair(draft, base);
}

function stated(draft: EventDraft): ReadonlySet<string> {
  return new Set(draft.profiles);
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
