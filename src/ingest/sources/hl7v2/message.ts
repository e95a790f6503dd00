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
}

export interface Hl7Segment {
  readonly name: string;
  /** By number, as HL7 counts: for MSH, 1 is the field separator and 2 the encoding characters. 0 is the name. */
  readonly fields: readonly string[];
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
  const body = text.replaceAll('\x1c', '').trimStart();
  if (!body.startsWith('MSH')) return 'no_header';
  const delimiters = readDelimiters(body);
  if (delimiters === null) return 'bad_delimiters';
  const lines: string[] = [];
  for (let from = 0; from < body.length;) {
    const end = lineEnd(body, from);
    const line = body.slice(from, end);
    from = end + 1;
    if (line.trim() === '') continue;
    // A line that begins no segment is text that a sender broke without escaping it: it continues the field before.
    if (lines.length > 0 && !beginsSegment(line, delimiters)) lines.push(`${lines.pop() ?? ''}\n${line}`);
    else if (lines.length >= HL7_SEGMENTS_MAX) return 'too_many_segments';
    else lines.push(line);
  }
  return { delimiters, segments: lines.map((line) => segmentOf(line, delimiters)) };
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0d || code === 0x0a) return at;
  }
  return text.length;
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

function beginsSegment(line: string, { field }: Hl7Delimiters): boolean {
  return (line.length === 3 || line[3] === field) && /^[A-Z][A-Z0-9]{2}/.test(line);
}

/** Most segments of a message are never asked for, so their fields are cut at the first question. */
function segmentOf(line: string, { field }: Hl7Delimiters): Hl7Segment {
  const name = line.slice(0, 3);
  let fields: string[] | null = null;
  return {
    name,
    get fields() {
      if (fields === null) {
        fields = line.split(field);
        if (name === 'MSH') fields.splice(1, 0, field);
      }
      return fields;
    },
  };
}

/** The first segment of this name. */
export function segmentNamed(message: Hl7Message, name: string): Hl7Segment | undefined {
  return message.segments.find((segment) => segment.name === name);
}

/** The repetitions of a field, raw, at most 200; empty when the field is. */
export function repetitionsOf(message: Hl7Message, segment: Hl7Segment | undefined, field: number): string[] {
  const text = segment?.fields[field] ?? '';
  return text === '' ? [] : text.split(message.delimiters.repetition, HL7_REPETITIONS_MAX);
}

/** Component `number` (from 1) of a repetition, raw; '' when it is not there. */
export function componentOf(message: Hl7Message, repetition: string, number: number): string {
  return repetition.split(message.delimiters.component, number)[number - 1] ?? '';
}

/** Subcomponent `number` (from 1), unescaped; '' when it is not there, and for `""`, which deletes a value. */
export function subcomponentOf(message: Hl7Message, component: string, number: number): string {
  const text = component.split(message.delimiters.subcomponent, number)[number - 1] ?? '';
  return text === '""' ? '' : unescapeHl7(text, message.delimiters);
}

/** Text at `SEG-field.component` of the first repetition: its first subcomponent, unescaped. */
export function textIn(message: Hl7Message, segment: Hl7Segment | undefined, field: number, component = 1): string {
  const [first = ''] = repetitionsOf(message, segment, field);
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
