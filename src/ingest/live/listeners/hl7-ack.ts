/** The acknowledgement code: accepted, error in the message, or rejected for now. */
export type AckCode = 'AA' | 'AE' | 'AR';

const FIELD_CHARS_MAX = 199;
const HEAD_BYTES = 4096;

/** The fields of a message's header that its acknowledgement repeats. */
interface Header {
  separator: string;
  /** MSH-2 … MSH-12, by number. */
  field: (number: number) => string;
}

/** Whether the bytes begin as an HL7v2 message. */
export function isHl7(message: Buffer): boolean {
  return message.length > 8 && message.toString('latin1', 0, 3) === 'MSH';
}

/** An acknowledgement in original mode (HL7 v2.5.1 §2.9.2), in its MLLP frame; `text` holds nothing of the message. */
export function acknowledgement(message: Buffer, { code, text, nowMs, id }: AckOptions): Buffer {
  const { separator: s, field } = headerOf(message);
  const trigger = field(9).split(field(2).charAt(0) || '^')[1] ?? '';
  const time = new Date(nowMs).toISOString().replace(/[-:T]|\.\d+Z$/g, '');
  const type = trigger === '' ? 'ACK' : `ACK${field(2).charAt(0) || '^'}${trigger}`;
  const head = [
    'MSH',
    field(2),
    field(5),
    field(6),
    field(3),
    field(4),
    time,
    '',
    type,
    id,
    field(11) || 'P',
    field(12),
  ];
  const answer = ['MSA', code, field(10), ...(text === '' ? [] : [text])];
  return Buffer.from(`\x0b${head.join(s)}\r${answer.join(s)}\r\x1c\r`, 'latin1');
}

interface AckOptions {
  code: AckCode;
  text: string;
  nowMs: number;
  /** MSH-10 of the acknowledgement itself. */
  id: string;
}

function headerOf(message: Buffer): Header {
  const head = message.toString('latin1', 0, HEAD_BYTES);
  const end = head.search(/[\r\n]/);
  const segment = end === -1 ? head : head.slice(0, end);
  const separator = isHl7(message) ? segment.charAt(3) : '|';
  const fields = isHl7(message) ? segment.split(separator) : ['MSH', '^~\\&'];
  return { separator, field: (number) => (fields[number - 1] ?? '').slice(0, FIELD_CHARS_MAX) };
}
