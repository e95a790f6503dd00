import { isPlain, put, valueAt as lookUp } from './ocsf/native.ts';
import type { NativeFields } from './types.ts';

/** The text at the end of nested names; a number as its decimal string; undefined for anything else and for ''. */
export function textAt(fields: NativeFields, ...names: string[]): string | undefined {
  const value = valueAt(fields, ...names);
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** The value at the end of nested names, or undefined. */
export function valueAt(fields: NativeFields, ...names: string[]): unknown {
  return lookUp(fields, names);
}

/** Items looked at in one list of a record; real lists have a few. */
const ITEMS_MAX = 100;

/** The objects in an array at the end of nested names, at most 100 of them; empty where there is no array. */
export function objectsAt(fields: NativeFields, ...names: string[]): NativeFields[] {
  const value = valueAt(fields, ...names);
  return Array.isArray(value) ? value.slice(0, ITEMS_MAX).filter(isPlain) : [];
}

/** The value of the pair with this name in a list of `{Name, Value}`, whatever the case of its keys. */
export function pairValue(pairs: readonly NativeFields[], name: string): string | undefined {
  const pair = pairs.find(
    (one) => textAt(one, 'Name') === name || textAt(one, 'name') === name || textAt(one, 'Key') === name,
  );
  if (pair === undefined) return undefined;
  return textAt(pair, 'Value') ?? textAt(pair, 'value') ?? textAt(pair, 'ValueString');
}

/** The fields of both; those of `own` win. A field called `__proto__` stays a field. */
export function merged(shared: NativeFields, own: NativeFields): NativeFields {
  return { ...shared, ...own };
}

/** Text without the attributes that are undefined; undefined when none is left. */
export function compact(attributes: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Lower-case spelling → the source's own, for exports (Athena, lakes) that fold the case of column names. */
export function spellings(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

/** The record with its top names in the source's own spelling; the same object when nothing was folded. */
export function respell(value: NativeFields, known: ReadonlyMap<string, string>): NativeFields {
  let isFolded = false;
  for (const name in value) {
    const own = known.get(name);
    if (own !== undefined && own !== name && !Object.hasOwn(value, own)) isFolded = true;
  }
  if (!isFolded) return value;
  const result: NativeFields = {};
  for (const name in value) {
    const own = known.get(name);
    put(result, own !== undefined && !Object.hasOwn(value, own) ? own : name, value[name]);
  }
  return result;
}
