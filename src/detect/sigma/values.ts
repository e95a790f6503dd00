import { TEXTS_MAX, VALUE_DEPTH_MAX } from './limits.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What a field says, as text: none, one, or (arrays) several. */
export type Texts = null | string | readonly string[];

/** Reads one field of a record. Undefined = the field is not there. */
export type Accessor = (fields: Fields) => unknown;

/**
 * An accessor for a field name: the name as it stands; failing that, with dots, a path through nested objects, in
 * which an array stands for all of its elements.
 */
export function accessor(name: string): Accessor {
  // Names that every object inherits (`constructor`, `__proto__`) are fields only of a record that has them itself.
  if (name in Object.prototype) return (fields) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  if (!name.includes('.')) return (fields) => fields[name];
  const path = name.split('.');
  return (fields) => fields[name] ?? walk(fields, path, 0);
}

function walk(value: unknown, path: readonly string[], from: number): unknown {
  let current = value;
  for (let i = from; i < path.length; i++) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (Array.isArray(current)) return walkEach(current, path, i);
    const key = path[i] ?? '';
    if (!Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function walkEach(list: readonly unknown[], path: readonly string[], from: number): unknown {
  const found = list
    .slice(0, TEXTS_MAX)
    .map((element) => walk(element, path, from))
    .filter((value) => value !== undefined);
  return found.length === 0 ? undefined : found.flat();
}

function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** The texts of a value: numbers in decimal, booleans as `true` and `false`, objects as JSON, null as none. */
export function textsOf(value: unknown): Texts {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? textsOfList(value) : JSON.stringify(value);
    case 'undefined':
    case 'function':
    case 'symbol':
      return null;
  }
}

function textsOfList(list: readonly unknown[]): Texts {
  const texts: string[] = [];
  for (const element of list) {
    if (texts.length >= TEXTS_MAX) break;
    const inner = textsOf(element);
    if (typeof inner === 'string') texts.push(inner);
    else if (inner !== null) texts.push(...inner.slice(0, TEXTS_MAX - texts.length));
  }
  return texts.length === 0 ? null : texts.length === 1 ? (texts[0] ?? null) : texts;
}

/** Absent or empty, as the value `null` of a rule means it. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.every(isEmpty));
}

/** All texts of a record, nested ones too: what a keyword search looks at. Stops when `visit` returns true. */
export function someText(value: unknown, visit: (text: string, field: string) => boolean): boolean {
  const budget = { texts: TEXTS_MAX };
  return visitTexts(value, '', 0, visit, budget);
}

function visitTexts(
  value: unknown,
  field: string,
  depth: number,
  visit: (text: string, field: string) => boolean,
  budget: { texts: number },
): boolean {
  if (typeof value !== 'object' || value === null) {
    const text = scalarText(value);
    return text !== null && budget.texts-- > 0 && visit(text, field);
  }
  if (depth >= VALUE_DEPTH_MAX) return false;
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    const path = Array.isArray(value) ? field : field === '' ? key : `${field}.${key}`;
    if (visitTexts(child, path, depth + 1, visit, budget)) return true;
  }
  return false;
}
