import { encodeEntities } from '../../../xml/xml.ts';
import { EvtxFault } from './fault.ts';

export const NULL_TYPE = 0x00;
export const BINXML_TYPE = 0x21;
const ARRAY = 0x80;

/** Reads a value of a fixed size. */
interface Fixed {
  readonly size: number;
  readonly text: (chunk: Buffer, at: number) => string;
}

const FIXED: Readonly<Record<number, Fixed>> = {
  0x03: { size: 1, text: (chunk, at) => String(chunk.readInt8(at)) },
  0x04: { size: 1, text: (chunk, at) => String(chunk.readUInt8(at)) },
  0x05: { size: 2, text: (chunk, at) => String(chunk.readInt16LE(at)) },
  0x06: { size: 2, text: (chunk, at) => String(chunk.readUInt16LE(at)) },
  0x07: { size: 4, text: (chunk, at) => String(chunk.readInt32LE(at)) },
  0x08: { size: 4, text: (chunk, at) => String(chunk.readUInt32LE(at)) },
  0x09: { size: 8, text: (chunk, at) => String(chunk.readBigInt64LE(at)) },
  0x0a: { size: 8, text: (chunk, at) => String(chunk.readBigUInt64LE(at)) },
  0x0b: { size: 4, text: (chunk, at) => String(chunk.readFloatLE(at)) },
  0x0c: { size: 8, text: (chunk, at) => String(chunk.readDoubleLE(at)) },
  0x0d: { size: 4, text: (chunk, at) => (chunk.readUInt32LE(at) === 0 ? 'false' : 'true') },
  0x0f: { size: 16, text: guid },
  0x11: { size: 8, text: (chunk, at) => fileTime(chunk.readBigUInt64LE(at)) },
  0x12: { size: 16, text: systemTime },
  0x14: { size: 4, text: (chunk, at) => `0x${chunk.readUInt32LE(at).toString(16)}` },
  0x15: { size: 8, text: (chunk, at) => `0x${chunk.readBigUInt64LE(at).toString(16)}` },
};

/**
 * The value at `at` as XML text, in the forms that Windows writes; an array gives one text per item. Types as in
 * [MS-EVEN6] 2.2.12. Throws `EvtxFault` on an unknown type or a size that the type does not have.
 */
export function valueText(
  chunk: Buffer,
  { type, at, size }: { type: number; at: number; size: number },
): string | string[] {
  if (at + size > chunk.length) throw new EvtxFault('a value goes beyond its chunk');
  if (size === 0 || type === NULL_TYPE) return '';
  if ((type & ARRAY) !== 0) return items(chunk, { type: type & ~ARRAY, at, size });
  return single(chunk, { type, at, size });
}

function single(chunk: Buffer, { type, at, size }: { type: number; at: number; size: number }): string {
  const fixed = FIXED[type];
  if (fixed !== undefined) {
    if (size < fixed.size) throw new EvtxFault('a value is shorter than its type');
    return fixed.text(chunk, at);
  }
  switch (type) {
    case 0x01:
    case 0x23:
      return text(chunk.toString('utf16le', at, at + size));
    case 0x02:
      return text(chunk.toString('latin1', at, at + size));
    case 0x0e:
      return chunk.toString('hex', at, at + size).toUpperCase();
    case 0x10:
    case 0x20:
      return `0x${(size === 8 ? chunk.readBigUInt64LE(at) : BigInt(chunk.readUInt32LE(at))).toString(16)}`;
    case 0x13:
      return sid(chunk, at, size);
    default:
      throw new EvtxFault(`it has the unknown type of value 0x${type.toString(16)}`);
  }
}

function items(chunk: Buffer, { type, at, size }: { type: number; at: number; size: number }): string[] {
  if (type === 0x01) return texts(chunk.toString('utf16le', at, at + size));
  if (type === 0x02) return texts(chunk.toString('latin1', at, at + size));
  const step = type === 0x10 ? 8 : type === 0x13 ? 0 : FIXED[type]?.size;
  if (type === 0x13) return sids(chunk, at, size);
  if (step === undefined) throw new EvtxFault(`it has the unknown type of array 0x${type.toString(16)}`);
  const made: string[] = [];
  for (let offset = 0; offset + step <= size; offset += step)
    made.push(single(chunk, { type, at: at + offset, size: step }));
  return made;
}

/** Strings in an array end with NUL each. */
function texts(joined: string): string[] {
  const parts = joined.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts.map((part) => encodeEntities(part));
}

function text(value: string): string {
  const end = value.indexOf('\0');
  // What stands behind a NUL is the rest of the writer's buffer, except where more text follows.
  const kept = end !== -1 && value.slice(end).replaceAll('\0', '') === '' ? value.slice(0, end) : value;
  return encodeEntities(kept);
}

function hexPart(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

function guid(chunk: Buffer, at: number): string {
  const tail = chunk.toString('hex', at + 8, at + 16).toUpperCase();
  return `{${hexPart(chunk.readUInt32LE(at), 8)}-${hexPart(chunk.readUInt16LE(at + 4), 4)}-${hexPart(chunk.readUInt16LE(at + 6), 4)}-${tail.slice(0, 4)}-${tail.slice(4)}}`;
}

/** 100-nanosecond steps between 1601 and 1970. */
const FILETIME_EPOCH = 116_444_736_000_000_000n;
const STEPS_PER_MS = 10_000n;
/** The last instant that a JavaScript date can hold. */
const MS_MAX = 8_640_000_000_000_000n;

function fileTime(steps: bigint): string {
  const since = steps - FILETIME_EPOCH;
  const ms = since / STEPS_PER_MS - (since % STEPS_PER_MS < 0n ? 1n : 0n);
  if (ms > MS_MAX) return String(steps);
  const rest = since - ms * STEPS_PER_MS;
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${String(rest).padStart(4, '0')}00Z`;
}

function systemTime(chunk: Buffer, at: number): string {
  const part = (index: number, digits: number): string =>
    String(chunk.readUInt16LE(at + index * 2)).padStart(digits, '0');
  return `${part(0, 4)}-${part(1, 2)}-${part(3, 2)}T${part(4, 2)}:${part(5, 2)}:${part(6, 2)}.${part(7, 3)}Z`;
}

function sid(chunk: Buffer, at: number, size: number): string {
  const count = chunk.readUInt8(at + 1);
  if (size < 8 + count * 4) throw new EvtxFault('a security identifier is shorter than it says');
  const parts = [`S-${chunk.readUInt8(at)}-${chunk.readUIntBE(at + 2, 6)}`];
  for (let index = 0; index < count; index += 1) parts.push(String(chunk.readUInt32LE(at + 8 + index * 4)));
  return parts.join('-');
}

function sids(chunk: Buffer, at: number, size: number): string[] {
  const made: string[] = [];
  for (let offset = 0; offset + 8 <= size;) {
    const length = 8 + chunk.readUInt8(at + offset + 1) * 4;
    made.push(sid(chunk, at + offset, size - offset));
    offset += length;
  }
  return made;
}
