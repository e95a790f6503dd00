import { bool, float, int, ip, json, mac, port, str, strings, type Codec } from './codec.ts';
import type { Zeros } from './path.ts';
import { classSpec, classUids, holds, objectSpec, type AttributeSpec } from './schema.ts';

/** Where a dotted path leads: the attribute at its end and the profiles that objects on the way need. */
export interface Target {
  readonly attribute: AttributeSpec;
  /** The path ends inside an array (`…0`), so the value is one item. */
  readonly isItem: boolean;
  /** A profile that an attribute below the top belongs to; those at the top depend on the class. */
  readonly profile: string | null;
  /** For each object on the way, the enums that it requires. */
  readonly zeros: Zeros;
  /** The attribute is such an enum itself: its 0 may be ours, so it says nothing about the source. */
  readonly isZero: boolean;
}

const tops = new Map<string, AttributeSpec>();

/** The attribute of this name at the top of any class; classes differ in its enum alone, which `conform` checks. */
function topAttribute(name: string): AttributeSpec | undefined {
  if (tops.size === 0) {
    for (const uid of classUids())
      for (const [key, attribute] of classSpec(uid)?.attributes ?? []) {
        const known = tops.get(key);
        if (known === undefined) tops.set(key, attribute);
        else if (known.values !== null && attribute.values !== null)
          tops.set(key, { ...known, values: new Set([...known.values, ...attribute.values]) });
      }
  }
  return tops.get(name);
}

/**
 * Follows a dotted path through the schema, `0` being the first item of an array. Throws where the schema has no such
 * attribute: a mapping that names one is wrong before it sees an event.
 */
export function resolvePath(path: string): Target {
  const keys = path.split('.');
  let attribute: AttributeSpec | undefined;
  let isItem = false;
  let profile: string | null = null;
  const zeros: (readonly string[])[] = [];
  for (const key of keys) {
    if (key === '0' && attribute?.isArray && !isItem) {
      isItem = true;
      zeros.push(zerosOf(attribute));
      continue;
    }
    if (attribute?.isArray && !isItem) throw new TypeError(`${path}: ${attribute.name} is an array`);
    const next: AttributeSpec | undefined =
      attribute === undefined ? topAttribute(key) : objectAttributes(attribute)?.get(key);
    if (next === undefined) throw new TypeError(`${path}: the schema has no ${key} there`);
    if (attribute !== undefined) profile ??= next.profiles[0] ?? null;
    attribute = next;
    isItem = false;
    zeros.push(zerosOf(attribute));
  }
  if (attribute === undefined) throw new TypeError('an empty path');
  const isZero = keys.length > 1 && attribute.required && attribute.values?.has(0) === true;
  return { attribute, isItem, profile, zeros, isZero };
}

function zerosOf(attribute: AttributeSpec): readonly string[] {
  return attribute.base === 'object' ? objectSpec(attribute.type).zeros : [];
}

function objectAttributes(attribute: AttributeSpec): ReadonlyMap<string, AttributeSpec> | undefined {
  return attribute.base === 'object' ? objectSpec(attribute.type).attributes : undefined;
}

/** The codec for the attribute's type; throws for timestamps, whose unit only the source knows, and for objects. */
export function codecFor(path: string, { attribute, isItem }: Target): Codec {
  if (attribute.base === 'object' && attribute.type !== 'object')
    throw new TypeError(`${path} is an object: name its attributes`);
  if (attribute.isArray && !isItem) return checked(attribute.base === 'string' ? strings : json, attribute, true);
  switch (attribute.type) {
    case 'timestamp_t':
      throw new TypeError(`${path} is a time: name the codec that knows its unit`);
    case 'ip_t':
      return ip;
    case 'mac_t':
      return mac;
    case 'port_t':
      return port;
    case 'string_t':
      return attribute.values === null ? str : checked(str, attribute);
    case 'boolean_t':
      return bool;
    case 'float_t':
      return float;
    case 'json_t':
      return json;
    default:
      return byBase(attribute);
  }
}

function byBase(attribute: AttributeSpec): Codec {
  if (attribute.base === 'integer') return attribute.values === null ? int : checked(int, attribute);
  return checked(attribute.base === 'string' ? str : json, attribute);
}

/** A row's own codec, held to what the attribute's type allows. */
export function codecWithin(codec: Codec, { attribute, isItem }: Target): Codec {
  return checked(codec, attribute, attribute.isArray && !isItem);
}

function checked(codec: Codec, attribute: AttributeSpec, isArray = false): Codec {
  const fits = isArray
    ? (value: unknown): boolean => Array.isArray(value) && value.every((item) => holds(attribute, item))
    : (value: unknown): boolean => holds(attribute, value);
  return {
    to(value) {
      const made = codec.to(value);
      return made !== undefined && fits(made) ? made : undefined;
    },
    from: codec.from,
  };
}
