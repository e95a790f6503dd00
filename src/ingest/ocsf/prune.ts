import { isPlain } from './native.ts';
import { holds, objectSpec, type AttributeSpec } from './schema.ts';
import { constraintsHold, EVENT_DEPTH_MAX, missing } from './validate.ts';

/**
 * What is valid of an attribute's value: objects lose the attributes that they cannot have, arrays the items. Undefined
 * when nothing valid is left, or the attribute belongs to profiles that are not stated. The same value when all of it is
 * valid; else a copy.
 */
export function prune(attribute: AttributeSpec, value: unknown, profiles: ReadonlySet<string>, depth = 0): unknown {
  if (!isOffered(attribute, profiles)) return undefined;
  if (!attribute.isArray) return pruneItem(attribute, value, profiles, depth);
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: unknown) => pruneItem(attribute, item, profiles, depth));
  if (items.every((item, index) => item === value[index] && item !== undefined)) return value;
  const left = items.filter((item) => item !== undefined);
  return left.length === 0 ? undefined : left;
}

/** Whether an event that states these profiles may have the attribute. */
function isOffered({ profiles: own }: AttributeSpec, profiles: ReadonlySet<string>): boolean {
  return own.length === 0 || own.some((profile) => profiles.has(profile));
}

function pruneItem(attribute: AttributeSpec, value: unknown, profiles: ReadonlySet<string>, depth: number): unknown {
  if (!holds(attribute, value)) return undefined;
  if (attribute.base !== 'object' || !isPlain(value)) return value;
  const spec = objectSpec(attribute.type);
  if (spec.open) return value;
  if (depth >= EVENT_DEPTH_MAX) return undefined;
  const left: Record<string, unknown> = {};
  let isWhole = true;
  for (const name in value) {
    const inner = spec.attributes.get(name);
    const kept = inner === undefined ? undefined : prune(inner, value[name], profiles, depth + 1);
    if (kept !== undefined) left[name] = kept;
    if (kept !== value[name]) isWhole = false;
  }
  if (missing(spec, left, profiles).length > 0 || !constraintsHold(spec, left)) return undefined;
  return isWhole ? value : left;
}
