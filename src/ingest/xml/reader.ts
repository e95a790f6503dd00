import { put } from '../ocsf/native.ts';
import { decodeEntities } from './entities.ts';
import {
  XML_ATTRIBUTES_MAX,
  XML_DEPTH_MAX,
  XML_ELEMENTS_MAX,
  XML_NAME_MAX,
  type XmlFault,
  type XmlFaultCode,
} from './fault.ts';

/** Attributes by their names as written (`Name`, `xml:lang`), decoded. Namespace declarations are among them. */
export type XmlAttributes = Readonly<Record<string, string>>;

/** What hears of the parts of a document, in order. */
export interface XmlHandler {
  /** A start tag. `prefix` is empty where the name has none. */
  open(name: string, prefix: string, attributes: XmlAttributes): void;
  /** Character data between two tags, decoded; CDATA comes as its own piece. */
  text(text: string): void;
  /** The end of the element opened last that is still open. */
  close(): void;
}

interface Scan {
  readonly source: string;
  readonly handler: XmlHandler;
  /** Names as written of the elements that are open. */
  readonly open: string[];
  at: number;
  elements: number;
  fault: XmlFault | null;
}

const NO_ATTRIBUTES: XmlAttributes = Object.freeze({});

/**
 * Reads one XML document and tells the handler. Null when it was read to its end, else the first fault; the handler
 * has then heard of what came before. No document type, no entity but the five and numbers, limits as in `fault.ts`;
 * time and memory are linear in the text. Names are checked for what ends them, not for Unicode's name classes.
 */
export function readXml(source: string, handler: XmlHandler): XmlFault | null {
  const scan: Scan = {
    source,
    handler,
    open: [],
    at: source.charCodeAt(0) === 0xfe_ff ? 1 : 0,
    elements: 0,
    fault: null,
  };
  while (scan.fault === null && scan.at < source.length) step(scan);
  if (scan.fault !== null) return scan.fault;
  if (scan.open.length > 0) return { fault: 'truncated', at: source.length };
  return scan.elements === 0 ? { fault: 'outside', at: 0 } : null;
}

function fail(scan: Scan, fault: XmlFaultCode): void {
  scan.fault ??= { fault, at: scan.at };
}

function step(scan: Scan): void {
  const { source, at } = scan;
  if (source.charCodeAt(at) !== 0x3c) return readText(scan);
  switch (source.charCodeAt(at + 1)) {
    case 0x2f: // </
      return readEnd(scan);
    case 0x21: // <!
      return readDeclaration(scan);
    case 0x3f: // <?
      return passOver(scan, '?>');
    default:
      return readStart(scan);
  }
}

function readText(scan: Scan): void {
  const { source, at } = scan;
  const found = source.indexOf('<', at);
  const end = found === -1 ? source.length : found;
  const text = source.slice(at, end);
  if (scan.open.length === 0) {
    if (text.trim() !== '') return fail(scan, 'outside');
  } else {
    const decoded = decodeEntities(text);
    if (decoded === null) return fail(scan, 'entity');
    scan.handler.text(decoded);
  }
  scan.at = end;
}

function readDeclaration(scan: Scan): void {
  const { source, at } = scan;
  if (source.startsWith('<!--', at)) return passOver(scan, '-->');
  if (!source.startsWith('<![CDATA[', at)) return fail(scan, source.startsWith('<!DOCTYPE', at) ? 'doctype' : 'syntax');
  if (scan.open.length === 0) return fail(scan, 'outside');
  const end = source.indexOf(']]>', at + 9);
  if (end === -1) return fail(scan, 'truncated');
  scan.handler.text(source.slice(at + 9, end));
  scan.at = end + 3;
}

function passOver(scan: Scan, closing: string): void {
  const end = scan.source.indexOf(closing, scan.at + (closing === '-->' ? 4 : 2));
  if (end === -1) return fail(scan, 'truncated');
  scan.at = end + closing.length;
}

function readEnd(scan: Scan): void {
  const { source, at } = scan;
  const end = source.indexOf('>', at);
  if (end === -1) return fail(scan, 'truncated');
  const name = scan.open.pop();
  const fits =
    name !== undefined &&
    source.startsWith(name, at + 2) &&
    (at + 2 + name.length === end || source.slice(at + 2 + name.length, end).trim() === '');
  if (!fits) return fail(scan, name === undefined ? 'outside' : 'mismatch');
  scan.handler.close();
  scan.at = end + 1;
}

function readStart(scan: Scan): void {
  const { source } = scan;
  if (scan.open.length === 0 && scan.elements > 0) return fail(scan, 'outside');
  if (scan.open.length >= XML_DEPTH_MAX || scan.elements >= XML_ELEMENTS_MAX) return fail(scan, 'limit');
  const end = nameEnd(scan, scan.at + 1);
  if (scan.fault !== null) return;
  const written = source.slice(scan.at + 1, end);
  scan.at = end;
  const attributes = readAttributes(scan);
  if (scan.fault !== null) return;
  const isEmpty = source.charCodeAt(scan.at) === 0x2f;
  if (isEmpty && source.charCodeAt(scan.at + 1) !== 0x3e) return fail(scan, 'syntax');
  scan.at += isEmpty ? 2 : 1;
  scan.elements += 1;
  announce(scan, written, attributes);
  if (isEmpty) scan.handler.close();
  else scan.open.push(written);
}

function announce({ handler }: Scan, written: string, attributes: XmlAttributes): void {
  const colon = written.indexOf(':');
  if (colon === -1) handler.open(written, '', attributes);
  else handler.open(written.slice(colon + 1), written.slice(0, colon), attributes);
}

/** Attributes up to the `>` or `/` that ends the tag. */
function readAttributes(scan: Scan): XmlAttributes {
  const { source } = scan;
  let attributes: Record<string, string> | null = null;
  for (let count = 0; ; count += 1) {
    const before = scan.at;
    skipSpace(scan);
    const code = source.charCodeAt(scan.at);
    if (code === 0x3e || code === 0x2f) return attributes ?? NO_ATTRIBUTES;
    if (scan.at >= source.length) fail(scan, 'truncated');
    else if (scan.at === before) fail(scan, 'syntax');
    else if (count >= XML_ATTRIBUTES_MAX) fail(scan, 'limit');
    else readAttribute(scan, (attributes ??= {}));
    if (scan.fault !== null) return NO_ATTRIBUTES;
  }
}

function readAttribute(scan: Scan, attributes: Record<string, string>): void {
  const { source } = scan;
  const end = nameEnd(scan, scan.at);
  if (scan.fault !== null) return;
  const name = source.slice(scan.at, end);
  scan.at = end;
  skipSpace(scan);
  if (source.charCodeAt(scan.at) !== 0x3d) return fail(scan, scan.at >= source.length ? 'truncated' : 'syntax');
  scan.at += 1;
  skipSpace(scan);
  const quote = source[scan.at];
  if (quote !== '"' && quote !== "'") return fail(scan, quote === undefined ? 'truncated' : 'syntax');
  const close = source.indexOf(quote, scan.at + 1);
  if (close === -1) return fail(scan, 'truncated');
  const value = decodeEntities(source.slice(scan.at + 1, close));
  if (value === null) return fail(scan, 'entity');
  if (Object.hasOwn(attributes, name)) return fail(scan, 'syntax');
  put(attributes, name, value);
  scan.at = close + 1;
}

/** Where the name that begins at `from` ends; a fault when there is none. */
function nameEnd(scan: Scan, from: number): number {
  const { source } = scan;
  let at = from;
  while (at < source.length && !endsName(source.charCodeAt(at))) at += 1;
  if (at >= source.length) fail(scan, 'truncated');
  else if (at === from || isDigitLike(source.charCodeAt(from))) fail(scan, 'syntax');
  else if (at - from > XML_NAME_MAX) fail(scan, 'limit');
  return at;
}

/** White space and `"` `&` `'` `/` `<` `=` `>`, `;`, `!`, `?`: none may stand in a name. */
function endsName(code: number): boolean {
  return code <= 0x22 || (code >= 0x26 && code <= 0x27) || code === 0x2f || (code >= 0x3b && code <= 0x3f);
}

/** Digits, `-` and `.` may stand in a name but not begin it. */
function isDigitLike(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

function skipSpace(scan: Scan): void {
  while (isSpace(scan.source.charCodeAt(scan.at))) scan.at += 1;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
