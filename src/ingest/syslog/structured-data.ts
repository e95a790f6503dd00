/** SD-ID → parameters. */
export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Elements and parameters a line; a line with more is taken to have no structured data. */
const SD_ITEMS_MAX = 1024;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BLANK = 0x20;
const EQUALS = 0x3d;

export const NO_STRUCTURED_DATA: StructuredData = Object.freeze({});

/** Structured data that begins at `start` (RFC 5424 §6.3) and where it ends; null when it is not well formed. */
export function parseStructuredData(line: string, start: number): { data: StructuredData; end: number } | null {
  const data: Record<string, Record<string, string>> = {};
  let at = start;
  let items = 0;
  while (line.charCodeAt(at) === OPEN) {
    const idEnd = nameEnd(line, at + 1);
    if (idEnd === at + 1) return null;
    const parameters: Record<string, string> = {};
    define(data, line.slice(at + 1, idEnd), parameters);
    at = idEnd;
    while (line.charCodeAt(at) === BLANK) {
      const end = parseParameter(line, at + 1, parameters);
      if (end === -1 || (items += 1) > SD_ITEMS_MAX) return null;
      at = end;
    }
    if (line.charCodeAt(at) !== CLOSE || (items += 1) > SD_ITEMS_MAX) return null;
    at += 1;
  }
  return { data, end: at };
}

/** An SD-NAME ends at a blank, `=`, `]` or `"`. */
function nameEnd(line: string, start: number): number {
  let at = start;
  for (; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === BLANK || code === EQUALS || code === CLOSE || code === QUOTE) break;
  }
  return at;
}

/** `NAME="value"`; the position behind the closing quote, or -1. A repeated name keeps all values, one a line. */
function parseParameter(line: string, start: number, parameters: Record<string, string>): number {
  const end = nameEnd(line, start);
  if (end === start || line.charCodeAt(end) !== EQUALS || line.charCodeAt(end + 1) !== QUOTE) return -1;
  const close = quoteEnd(line, end + 2);
  if (close === -1) return -1;
  const name = line.slice(start, end);
  const value = unescape(line.slice(end + 2, close));
  const present = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  define(parameters, name, present === undefined ? value : `${present}\n${value}`);
  return close + 1;
}

function quoteEnd(line: string, start: number): number {
  for (let at = start; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return -1;
}

/** `\"`, `\\` and `\]`; a backslash before anything else stands for itself (§6.3.3). */
function unescape(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value;
}

function define<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
