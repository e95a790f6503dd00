import type { BinarySource, MessageSource, Source, TableSource, XmlSource } from '../source.ts';
import type { Head } from '../types.ts';
import { recordDepth } from './frames/json-document.ts';

/** How a member is cut into records. */
export type Shape =
  | { kind: 'binary'; source: BinarySource }
  | { kind: 'table'; source: TableSource }
  | { kind: 'message'; source: MessageSource }
  | { kind: 'xml'; sources: readonly XmlSource[] }
  | { kind: 'json-document'; recordDepth: 0 | 1 | 2 }
  | { kind: 'octets' }
  | { kind: 'lines' };

const OCTET_COUNTED = /^\d{1,6} <\d{1,3}>/;
const XML_START = /^\s*(?:-\s*)?<(?![0-9])[?!A-Za-z]/;
const JSON_START = /^\s*(?:\{|\[\s*[{\]])/;

/** What a member is by its first bytes, among the given sources. Lines is the answer when nothing else fits. */
export function recogniseShape(head: Head, sources: readonly Source[]): Shape {
  for (const source of sources)
    if (source.shape === 'binary' && source.recognise(head)) return { kind: 'binary', source };
  for (const source of sources)
    if (source.shape === 'table' && source.recognise(head)) return { kind: 'table', source };
  for (const source of sources)
    if (source.shape === 'message' && source.recognise(head)) return { kind: 'message', source };
  if (OCTET_COUNTED.test(head.text)) return { kind: 'octets' };
  const xml = sources.filter((source) => source.shape === 'xml');
  if (xml.length > 0 && XML_START.test(head.text)) return { kind: 'xml', sources: xml };
  if (JSON_START.test(head.text) && !startsWithJsonLine(head)) {
    return { kind: 'json-document', recordDepth: recordDepth(head.text) };
  }
  return { kind: 'lines' };
}

/** Whether a file that begins so is binary: of records that are not lines of text. */
export function isBinary(bytes: Buffer, sources: readonly Source[]): boolean {
  const head: Head = { name: '', bytes, text: '', json: undefined };
  return sources.some((source) => source.shape === 'binary' && source.recognise(head));
}

/** Whether the first line is a whole JSON object that is a record, not an array or a wrapper of records. */
function startsWithJsonLine(head: Head): boolean {
  const depth = recordDepth(head.text);
  const end = head.text.indexOf('\n');
  if (end === -1) return depth === 0;
  const line = head.text.slice(0, end).trim();
  // A first line of `[` or `{` opens a document; so does a one-line wrapper, unless more lines like it follow.
  if (depth !== 0 && head.text.slice(end).trim() === '') return false;
  return parses(line);
}

function parses(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
