import { COLUMN_CHARS_MAX } from '../limits.ts';

/** One event as an object; what it holds comes from outside and has any shape. */
export type EventObject = Readonly<Record<string, unknown>>;

/** Reads what stands at a dotted path; compiled once, since it runs for each event. */
export type Getter = (event: EventObject) => unknown;

/** `actor.user.name`; a number is a place in a list. Undefined where there is nothing. */
export function at(path: string): Getter {
  const keys = path.split('.');
  return (event) => {
    let value: unknown = event;
    for (const key of keys) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  };
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
