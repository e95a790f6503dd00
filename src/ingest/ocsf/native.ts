import type { NativeFields } from '../types.ts';

/** An own property whatever its name: a log may well have a field called `__proto__`. */
export function put(target: NativeFields, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

/** Whether a value is an object with fields of its own, not an array. */
export function isPlain(value: unknown): value is NativeFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object has no field. */
export function isEmpty(fields: NativeFields): boolean {
  for (const _ in fields) return false;
  return true;
}

/** The value at the end of nested names, or undefined. */
export function valueAt(fields: NativeFields, keys: readonly string[]): unknown {
  let at: unknown = fields;
  for (const key of keys) at = isPlain(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at;
}

/** The object at the end of nested names, made where it is missing. */
export function objectAt(fields: NativeFields, keys: readonly string[]): NativeFields {
  let at = fields;
  for (const key of keys) {
    const present = at[key];
    if (isPlain(present)) at = present;
    else {
      const made: NativeFields = {};
      put(at, key, made);
      at = made;
    }
  }
  return at;
}
