/** Segments of one message; the largest real ones have hundreds. */
export const HL7_SEGMENTS_MAX = 20_000;
/** Repetitions of one field that are looked at. */
export const HL7_REPETITIONS_MAX = 200;

export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/** A message cut into segments; fields are cut when they are asked for. */
export interface Hl7Message {
  readonly delimiters: Hl7Delimiters;
  readonly segments: readonly Hl7Segment[];
  /** The same by name, in their order. */
  readonly named: ReadonlyMap<string, readonly Hl7Segment[]>;
}

export interface Hl7Segment {
  readonly name: string;
  readonly line: string;
  /** The fields once they were asked for. */
  cells: readonly string[] | null;
}

export type Hl7Fault = 'no_header' | 'bad_delimiters' | 'too_many_segments';

/** Whether it did not parse. */
export function isHl7Fault(result: Hl7Message | Hl7Fault): result is Hl7Fault {
  return typeof result === 'string';
}

/**
 * One message (HL7 v2.5.1 chapter 2.5–2.7). Segments end with CR, LF or CRLF; a byte order mark, MLLP's frame bytes and
 * batch trailers are passed over. Never throws.
 */
export function parseHl7(text: string): Hl7Message | Hl7Fault {
  // White space includes MLLP's start byte (VT) and the byte order mark; its end byte (FS) occurs nowhere else.
  const body = (text.includes('\x1c') ? text.replaceAll('\x1c', '') : text).trimStart();
  if (!body.startsWith('MSH')) return 'no_header';
  const delimiters = readDelimiters(body);
  if (delimiters === null) return 'bad_delimiters';
  const lines = segmentLines(body, delimiters.field.charCodeAt(0));
  if (lines === null) return 'too_many_segments';
  const segments: Hl7Segment[] = [];
  const named = new Map<string, Hl7Segment[]>();
  for (const line of lines) {
    const segment = { name: line.slice(0, 3), line, cells: null };
    segments.push(segment);
    const others = named.get(segment.name);
    if (others === undefined) named.set(segment.name, [segment]);
    else others.push(segment);
  }
  return { delimiters, segments, named };
}

/** The lines of the segments; null when there are more than the limit. */
function segmentLines(body: string, separator: number): string[] | null {
  const lines: string[] = [];
  let cr = nextOf(body, '\r', 0);
  let lf = nextOf(body, '\n', 0);
  for (let from = 0; from < body.length;) {
    // Each is searched for only when the last one lies behind: a message with one kind is not scanned for the other anew.
    if (cr < from) cr = nextOf(body, '\r', from);
    if (lf < from) lf = nextOf(body, '\n', from);
    const end = Math.min(cr, lf);
    const begins = beginsSegment(body, { from, end, separator });
    const line = body.slice(from, end);
    from = end + 1;
    // A line that begins no segment is text that a sender broke without escaping it: it continues the field before.
    if (begins && lines.length >= HL7_SEGMENTS_MAX) return null;
    else if (begins) lines.push(line);
    else if (line.trim() !== '') lines.push(`${lines.pop() ?? ''}\n${line}`);
  }
  return lines;
}

/** Where the character stands next; the end of the text when it does not. */
function nextOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? text.length : at;
}

function readDelimiters(body: string): Hl7Delimiters | null {
  const field = body[3] ?? '';
  if (field === '' || /[A-Za-z0-9\s]/.test(field)) return null;
  const end = body.indexOf(field, 4);
  let codes = end === -1 ? body.slice(4, 9).replace(/[\r\n].*$/s, '') : body.slice(4, end);
  if (codes.length < 2 || codes.length > 5 || /[A-Za-z0-9\s]/.test(codes)) return null;
  // A message that went through one quoting too many has its escape character twice.
  if (codes.length === 5 && codes[2] === codes[3]) codes = codes.slice(0, 3) + codes.slice(4);
  const [component = '^', repetition = '~', escape = '\\', subcomponent = '&'] = codes;
  const all = [field, component, repetition, escape, subcomponent];
  return new Set(all).size === all.length ? { field, component, repetition, escape, subcomponent } : null;
}

/** A letter and two letters or digits, then the field separator or nothing. */
function beginsSegment(body: string, line: { from: number; end: number; separator: number }): boolean {
  const { from, end, separator } = line;
  if (end - from < 3 || (end - from > 3 && body.charCodeAt(from + 3) !== separator)) return false;
  return (
    isUpper(body.charCodeAt(from)) && isNameCode(body.charCodeAt(from + 1)) && isNameCode(body.charCodeAt(from + 2))
  );
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isNameCode(code: number): boolean {
  return isUpper(code) || (code >= 0x30 && code <= 0x39);
}

const NONE: readonly string[] = [];

/** By number, as HL7 counts: for MSH, 1 is the field separator and 2 the encoding characters. 0 is the name. */
export function fieldsOf({ delimiters }: Hl7Message, segment: Hl7Segment | undefined): readonly string[] {
  if (segment === undefined) return NONE;
  if (segment.cells !== null) return segment.cells;
  const cells = segment.line.split(delimiters.field);
  if (segment.name === 'MSH') cells.splice(1, 0, delimiters.field);
  segment.cells = cells;
  return cells;
}

/** All segments of this name. */
export function segmentsNamed(message: Hl7Message, name: string): readonly Hl7Segment[] {
  return message.named.get(name) ?? [];
}

/** The first segment of this name. */
export function segmentNamed(message: Hl7Message, name: string): Hl7Segment | undefined {
  return message.named.get(name)?.[0];
}

/** The repetitions of a field, raw, at most 200; empty when the field is. */
export function repetitionsOf(message: Hl7Message, segment: Hl7Segment | undefined, field: number): readonly string[] {
  const text = fieldsOf(message, segment)[field] ?? '';
  if (text === '') return NONE;
  const { repetition } = message.delimiters;
  return text.includes(repetition) ? text.split(repetition, HL7_REPETITIONS_MAX) : [text];
}

/** Part `number` (from 1) of a text that a character separates; '' when it is not there. */
function partOf(text: string, separator: string, number: number): string {
  let from = 0;
  for (let before = 1; before < number; before += 1) {
    const at = text.indexOf(separator, from);
    if (at === -1) return '';
    from = at + 1;
  }
  const end = text.indexOf(separator, from);
  return end === -1 ? (from === 0 ? text : text.slice(from)) : text.slice(from, end);
}

/** Component `number` (from 1) of a repetition, raw; '' when it is not there. */
export function componentOf(message: Hl7Message, repetition: string, number: number): string {
  return partOf(repetition, message.delimiters.component, number);
}

/** Subcomponent `number` (from 1), unescaped; '' when it is not there, and for `""`, which deletes a value. */
export function subcomponentOf(message: Hl7Message, component: string, number: number): string {
  if (component === '') return '';
  const text = partOf(component, message.delimiters.subcomponent, number);
  return text === '""' ? '' : unescapeHl7(text, message.delimiters);
}

/** Text at `SEG-field.component` of the first repetition: its first subcomponent, unescaped. */
export function textIn(message: Hl7Message, segment: Hl7Segment | undefined, field: number, component = 1): string {
  const text = fieldsOf(message, segment)[field] ?? '';
  if (text === '') return '';
  const first = partOf(text, message.delimiters.repetition, 1);
  return subcomponentOf(message, componentOf(message, first, component), 1);
}

/** Resolves escape sequences (chapter 2.7): the five delimiters, `\.br\` and `\Xdd…\`; others stay as written. */
export function unescapeHl7(text: string, delimiters: Hl7Delimiters): string {
  const { escape } = delimiters;
  if (!text.includes(escape)) return text;
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf(escape, from);
    const end = start === -1 ? -1 : text.indexOf(escape, start + 1);
    if (end === -1) break;
    const meaning = meaningOf(text.slice(start + 1, end), delimiters);
    // What is no sequence may be a lone escape character; the second one may then begin the next.
    parts.push(text.slice(from, start), meaning ?? text.slice(start, end));
    from = meaning === null ? end : end + 1;
  }
  return parts.join('') + text.slice(from);
}

function meaningOf(code: string, delimiters: Hl7Delimiters): string | null {
  switch (code) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case '.br':
      return '\n';
    default:
      return /^X(?:[0-9A-Fa-f]{2}){1,256}$/.test(code) ? Buffer.from(code.slice(1), 'hex').toString('latin1') : null;
  }
}
