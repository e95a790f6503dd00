import { invariant } from '#kernel';
import { COLUMN_CHARS_MAX } from '../limits.ts';

/** One event as an object; what it holds comes from outside and has any shape. */
export type EventObject = Readonly<Record<string, unknown>>;

/** Reads what stands at a dotted path; compiled once, since it runs for each event. */
export type Getter = (event: EventObject) => unknown;

/** `actor.user.name`; a number is a place in a list. Undefined where there is nothing. */
export function at(path: string): Getter {
  const [first = '', ...others] = path.split('.').map(keyOf);
  const [second] = others;
  if (second === undefined) return (event) => event[first];
  if (others.length === 1) return (event) => inside(event[first], second);
  return (event) => others.reduce<unknown>(inside, event[first]);
}

function inside(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** What every object or list has cannot stand in a path: reading it would find a function where there is nothing. */
function keyOf(key: string): string {
  invariant(!(key in Object.prototype) && !(key in Array.prototype), `${key} is no key of an event`);
  return key;
}

/** The first text that is not empty at one of the paths, or null. */
export function textAt(...paths: readonly string[]): (event: EventObject) => string | null {
  const getters = paths.map(at);
  return (event) => {
    for (const get of getters) {
      const text = asText(get(event));
      if (text !== null) return text;
    }
    return null;
  };
}

/** The first whole number at one of the paths that fits 53 bits, or null. */
export function numberAt(...paths: readonly string[]): (event: EventObject) => number | null {
  const getters = paths.map(at);
  return (event) => {
    for (const get of getters) {
      const value = get(event);
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    }
    return null;
  };
}

/** The texts of a list, in one line; null without any. */
export function listAt(path: string, itemPath?: string): (event: EventObject) => string | null {
  const get = at(path);
  const item = itemPath === undefined ? null : at(itemPath);
  return (event) => {
    const list = get(event);
    if (!Array.isArray(list)) return null;
    const texts: string[] = [];
    for (const one of list.slice(0, LIST_ITEMS_MAX)) {
      const value: unknown = item === null ? one : typeof one === 'object' && one !== null ? item(one) : undefined;
      const text = asText(value);
      if (text !== null) texts.push(text);
    }
    return texts.length === 0 ? null : cut(texts.join(', '));
  };
}

const LIST_ITEMS_MAX = 64;

function asText(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : cut(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Half a surrogate pair is no text for a database. */
function cut(text: string): string {
  return (text.length > COLUMN_CHARS_MAX ? text.slice(0, COLUMN_CHARS_MAX) : text).toWellFormed();
}
