import { BinXml } from './binxml.ts';
import { attempt } from './fault.ts';
import { CHUNK_HEADER_BYTES, type ChunkHeader, isBlank } from './headers.ts';
import { renderRecord } from './render.ts';

/** `**\0\0` begins each record. */
const RECORD_SIGNATURE = 0x00_00_2a_2a;
/** Signature, size, identifier, time of writing; the size again stands at the end. */
const RECORD_HEADER_BYTES = 24;
const RECORD_BYTES_MIN = RECORD_HEADER_BYTES + 4;

/** One record of a chunk, or a stretch of it that cannot be read. */
export type ChunkItem =
  | { readonly offset: number; readonly id: bigint; readonly xml: string }
  | { readonly offset: number; readonly fault: string };

/**
 * All records of a chunk, in order. Broken ones become faults and reading goes on at the next record. In a file that
 * was not closed, records behind the end that the header states are read as long as their numbers go on.
 */
export function readChunk(chunk: Buffer, header: ChunkHeader, isDirty: boolean): ChunkItem[] {
  const items: ChunkItem[] = [];
  const binXml = new BinXml(chunk);
  let at = CHUNK_HEADER_BYTES;
  let nextId: bigint | null = null;
  while (at + RECORD_BYTES_MIN <= chunk.length) {
    const isBehind = at >= header.freeOffset;
    if (isBehind && !(isDirty && continues(chunk, at, nextId))) break;
    const size = recordSize(chunk, at);
    if (size === null) {
      const next = nextRecord(chunk, at + 1, header.freeOffset);
      if (next === header.freeOffset && isBlank(chunk.subarray(at, next))) break;
      items.push({ offset: at, fault: 'no record begins where one should' });
      at = next;
      continue;
    }
    const id = chunk.readBigUInt64LE(at + 8);
    const range = { at: at + RECORD_HEADER_BYTES, end: at + size - 4 };
    const result = attempt(() => renderRecord(chunk, binXml, range));
    items.push('fault' in result ? { offset: at, fault: result.fault } : { offset: at, id, xml: result.value });
    nextId = id + 1n;
    at += size;
  }
  return items;
}

/** Whether a record begins anywhere in the block. */
export function holdsRecords(block: Buffer): boolean {
  return nextRecord(block, 0, block.length) < block.length;
}

/** The size of the record that begins at `at`; null when none does. */
function recordSize(chunk: Buffer, at: number): number | null {
  if (at + RECORD_BYTES_MIN > chunk.length || chunk.readUInt32LE(at) !== RECORD_SIGNATURE) return null;
  const size = chunk.readUInt32LE(at + 4);
  if (size < RECORD_BYTES_MIN || at + size > chunk.length) return null;
  return chunk.readUInt32LE(at + size - 4) === size ? size : null;
}

function continues(chunk: Buffer, at: number, nextId: bigint | null): boolean {
  return recordSize(chunk, at) !== null && (nextId === null || chunk.readBigUInt64LE(at + 8) === nextId);
}

/** Where the next record begins, at `from` or behind it; the end when there is none. */
function nextRecord(chunk: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    at = chunk.indexOf('**\0\0', at, 'latin1');
    if (at === -1 || at >= end) return end;
    if (recordSize(chunk, at) !== null) return at;
  }
  return end;
}
