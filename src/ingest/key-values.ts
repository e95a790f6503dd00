import { put } from './ocsf/native.ts';
import type { NativeFields } from './types.ts';

/** Pairs a line; the rest of a line with more is left unread. */
export const PAIRS_MAX = 1024;

/** Characters a key; a longer word is none. */
const KEY_LENGTH_MAX = 128;

export interface KeyValueOptions {
  /** A value without quotes goes on over blanks up to the next `key=`; without this it ends at the first blank. */
  readonly spacedValues?: boolean;
  /** A backslash before a quote inside quotes stands for the quote. */
  readonly escapes?: boolean;
  /** The name under which a key's value is kept; as it stands without this. */
  readonly rename?: (key: string) => string;
}

/**
 * Reads `key=value key="quoted value" key='…'` from the beginning of `text`; a later pair of the same key wins. `quoted` names
 * the keys whose value stood in quotes. Words that are no pair are passed over. Never throws.
 */
export function readKeyValues(
  text: string,
  options: KeyValueOptions = {},
): { fields: NativeFields; quoted: ReadonlySet<string> } {
  const fields: NativeFields = {};
  const quoted = new Set<string>();
  const closers: Closers = { '"': true, "'": true };
  let at = 0;
  for (let pairs = 0; at < text.length && pairs < PAIRS_MAX;) {
    at = gapEnd(text, at);
    const equals = keyEnd(text, at);
    if (equals === -1) {
      at = wordEnd(text, at + 1);
      continue;
    }
    pairs += 1;
    const name = text.slice(at, equals);
    const key = options.rename === undefined ? name : options.rename(name);
    const start = equals + 1;
    const mark = text[start];
    const close = mark === '"' || mark === "'" ? closing(text, start + 1, mark, options, closers) : -1;
    if (close !== -1 && mark !== undefined) {
      put(fields, key, unquote(text.slice(start + 1, close), mark, options.escapes === true));
      quoted.add(key);
      at = close + 1;
    } else {
      const end = options.spacedValues === true ? spacedEnd(text, start) : wordEnd(text, start);
      put(fields, key, options.spacedValues === true ? text.slice(start, end).trimEnd() : text.slice(start, end));
      quoted.delete(key);
      at = end;
    }
  }
  return { fields, quoted };
}

/** Which quotes may still close: once one does not, none behind it does, and the rest is not searched again. */
type Closers = Record<'"' | "'", boolean>;

function closing(text: string, start: number, mark: '"' | "'", options: KeyValueOptions, closers: Closers): number {
  if (!closers[mark]) return -1;
  const end = quoteEnd(text, start, mark, options.escapes === true);
  if (end === -1) closers[mark] = false;
  return end;
}

/** Where the `=` behind a key that begins at `start` stands, or -1: a letter or `_`, then letters, digits, `_`, `.`, `-`. */
function keyEnd(text: string, start: number): number {
  if (!isWord(text.charCodeAt(start)) || isDigit(text.charCodeAt(start))) return -1;
  for (let at = start + 1; at <= start + KEY_LENGTH_MAX; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x3d) return at;
    if (!isWord(code) && code !== 0x2e && code !== 0x2d) return -1;
  }
  return -1;
}

function isWord(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || isDigit(code);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function gapEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isBlank(text.charCodeAt(at)) || text[at] === ',')) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function quoteEnd(text: string, start: number, mark: string, escapes: boolean): number {
  if (!escapes) return text.indexOf(mark, start);
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === mark) return at;
    if (text[at] === '\\') at += 1;
  }
  return -1;
}

function unquote(value: string, mark: string, escapes: boolean): string {
  return escapes && value.includes('\\') ? value.replaceAll(`\\${mark}`, mark).replaceAll('\\\\', '\\') : value;
}

function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function spacedEnd(text: string, start: number): number {
  for (let at = wordEnd(text, start); at < text.length; at = wordEnd(text, at + 1))
    if (keyEnd(text, at + 1) !== -1) return at;
  return text.length;
}
