import { isIP } from 'node:net';
import { CLASSES, OBJECTS, TYPES, type ItemTable } from './schema.generated.ts';

export type Base = 'string' | 'integer' | 'float' | 'boolean' | 'json' | 'object';

/** What one attribute of a class or object may hold. */
export interface AttributeSpec {
  readonly name: string;
  /** The type's own name: `ip_t`, `network_endpoint`. */
  readonly type: string;
  readonly base: Base;
  readonly isArray: boolean;
  readonly required: boolean;
  /** Profiles that bring it; empty when the class or object has it anyway. */
  readonly profiles: readonly string[];
  readonly values: ReadonlySet<string | number> | null;
}

/** A class or object, compiled from the generated tables. */
export interface ItemSpec {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, AttributeSpec>;
  /** Required without any profile. */
  readonly required: readonly string[];
  /** Required when its profile is stated. */
  readonly requiredByProfile: readonly AttributeSpec[];
  /** Enums among the required that have 0 Unknown: what to write where the source is silent. */
  readonly zeros: readonly string[];
  readonly atLeastOne: readonly string[] | null;
  readonly justOne: readonly string[] | null;
  /** Any attribute may stand in it (`unmapped`). */
  readonly open: boolean;
}

const classes = new Map<number, ItemSpec>();
const objects = new Map<string, ItemSpec>();

/** The class with this number, or null when 1.8.0 has none. */
export function classSpec(uid: number): ItemSpec | null {
  const known = classes.get(uid);
  if (known !== undefined) return known;
  const table = CLASSES[uid];
  const shared = CLASSES[0];
  if (table === undefined || shared === undefined) return null;
  const made = compileItem({ ...table, attributes: { ...shared.attributes, ...table.attributes } });
  classes.set(uid, made);
  return made;
}

/** The object with this name; throws on a name that the schema does not have. */
export function objectSpec(name: string): ItemSpec {
  const known = objects.get(name);
  if (known !== undefined) return known;
  const table = OBJECTS[name];
  if (table === undefined) throw new TypeError(`the schema has no object ${name}`);
  const made = compileItem(table);
  objects.set(name, made);
  return made;
}

/** The name of a class (`datastore_activity`), or null when 1.8.0 has no class of this number. */
export function className(uid: number): string | null {
  return CLASSES[uid]?.name ?? null;
}

/** The numbers of all classes. */
export function classUids(): number[] {
  return Object.keys(CLASSES).map(Number);
}

function compileItem(table: ItemTable): ItemSpec {
  const all = Object.entries(table.attributes).map(([name, text]) => parseAttribute(name, text));
  const required = all.filter((attribute) => attribute.required);
  return {
    name: table.name,
    attributes: new Map(all.map((attribute) => [attribute.name, attribute])),
    required: required.filter(({ profiles }) => profiles.length === 0).map(({ name }) => name),
    zeros: required.filter(({ profiles, values }) => profiles.length === 0 && values?.has(0)).map(({ name }) => name),
    requiredByProfile: required.filter(({ profiles }) => profiles.length > 0),
    atLeastOne: table.atLeastOne ?? null,
    justOne: table.justOne ?? null,
    open: table.name === 'object',
  };
}

/** `[!]type[[]][@profile,…][=enum|…]`, as the generator writes it. */
function parseAttribute(name: string, text: string): AttributeSpec {
  const [head, values] = split(text, '=');
  const [marks, profiles] = split(head, '@');
  const type = marks.replace(/^!/, '').replace(/\[\]$/, '');
  const base = baseOf(type);
  const numeric = base === 'integer';
  return {
    name,
    type,
    base,
    isArray: marks.endsWith('[]'),
    required: marks.startsWith('!'),
    profiles: profiles?.split(',') ?? [],
    values: values === undefined ? null : new Set(values.split('|').map((value) => (numeric ? Number(value) : value))),
  };
}

function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function baseOf(type: string): Base {
  switch (TYPES[type]?.base) {
    case undefined:
      return 'object';
    case 'string_t':
      return 'string';
    case 'boolean_t':
      return 'boolean';
    case 'float_t':
      return 'float';
    case 'json_t':
      return 'json';
    default:
      return 'integer';
  }
}

const patterns = new Map(
  Object.entries(TYPES).flatMap(([name, { regex }]) =>
    regex === undefined ? [] : [[name, new RegExp(regex)] as const],
  ),
);

/**
 * Whether one value (an item, for arrays) is of the attribute's type and within its enum, range, length and pattern.
 * Objects are not looked into. Addresses are checked by `node:net`, whose answer the schema's pattern approximates.
 */
export function holds(attribute: AttributeSpec, value: unknown): boolean {
  switch (attribute.base) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'json':
      return value !== undefined;
    case 'boolean':
      return typeof value === 'boolean';
    case 'float':
      return typeof value === 'number' && Number.isFinite(value);
    case 'string':
      return typeof value === 'string' && matches(attribute.type, value) && listed(attribute, value);
    default:
      return Number.isSafeInteger(value) && inRange(attribute.type, Number(value)) && listed(attribute, value);
  }
}

function listed({ values }: AttributeSpec, value: unknown): boolean {
  return values === null || ((typeof value === 'string' || typeof value === 'number') && values.has(value));
}

function inRange(type: string, value: number): boolean {
  const [low = -Infinity, high = Infinity] = TYPES[type]?.range ?? [];
  return value >= low && value <= high;
}

function matches(type: string, value: string): boolean {
  if (type === 'ip_t') return isIP(value) !== 0;
  if (value.length > (TYPES[type]?.maxLength ?? Infinity)) return false;
  return patterns.get(type)?.test(value) ?? true;
}
