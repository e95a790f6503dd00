import { createHash } from 'node:crypto';

import { VALUE_CHARS_MAX } from './limits.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Separates the parts of a key; a part that holds it is hashed, so that two lists never make one key. */
const SEPARATOR = '\u0000';

/**
 * The value of a field: the field of that very name, else the dotted path through nested maps.
 * Undefined where it is absent.
 */
export function fieldValue(fields: Fields, field: string): unknown {
  if (Object.hasOwn(fields, field)) return fields[field];
  if (!field.includes('.')) return undefined;
  let value: unknown = fields;
  for (const step of field.split('.')) {
    if (!isMap(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/**
 * The text of a value for grouping and for counting distinct ones; null where it is absent or empty, which Sigma
 * holds to be the same. A list of one is its element; longer lists and maps are their JSON.
 */
export function textValue(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (Array.isArray(value) && value.length <= 1) return textValue(value[0]);
  if (typeof value === 'string') return bounded(value);
  return bounded(typeof value === 'bigint' ? value.toString() : JSON.stringify(value));
}

/** The number that a field states, as number or as decimal string; null where it states none. */
export function numericValue(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** One key for a list of texts. Letter case does not count, as everywhere in Sigma, so that it cannot split a group. */
export function foldedKey(texts: readonly string[]): string {
  return texts
    .map((text) => (text.includes(SEPARATOR) ? hashed(text) : text))
    .join(SEPARATOR)
    .toLowerCase();
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function bounded(text: string): string {
  return text.length <= VALUE_CHARS_MAX ? text : hashed(text);
}

function hashed(text: string): string {
  const hash = createHash('sha256').update(text.toLowerCase()).digest('hex');
  return `${text.slice(0, 64).replaceAll(SEPARATOR, ' ')}…sha256:${hash}`;
}
