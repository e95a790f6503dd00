import type { BinaryItem, BinaryReader } from '../../../source.ts';
import type { Rejection } from '../../../types.ts';
import { parseWindowsXml } from '../windows-xml.ts';
import { type ChunkItem, readChunk } from './chunk.ts';
import { CHUNK_BYTES, FILE_HEADER_BYTES, type FileHeader, chunkHeader, fileHeader, isBlank } from './headers.ts';

/** Bytes of an unreadable stretch that are kept. */
const KEPT_BYTES = 4096;

/**
 * Reads an EVTX file as its bytes come, a chunk at a time. Whatever cannot be read is a rejection that names chunk and
 * offset; the rest of the chunk and of the file is read all the same.
 */
export class EvtxReader implements BinaryReader {
  #carry: Buffer = Buffer.alloc(0);
  #header: FileHeader | null = null;
  #chunk = 0;
  #record = 0;

  push(bytes: Buffer): BinaryItem[] {
    const items: BinaryItem[] = [];
    this.#carry = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    if (this.#header === null) {
      if (this.#carry.length < FILE_HEADER_BYTES) return items;
      this.#header = fileHeader(this.#carry);
      this.#carry = this.#carry.subarray(FILE_HEADER_BYTES);
    }
    while (this.#carry.length >= CHUNK_BYTES) {
      this.#readChunk(this.#carry.subarray(0, CHUNK_BYTES), items);
      this.#carry = this.#carry.subarray(CHUNK_BYTES);
    }
    return items;
  }

  end(): BinaryItem[] {
    const items: BinaryItem[] = [];
    const rest = this.#carry;
    this.#carry = Buffer.alloc(0);
    if (this.#header === null) this.#reject(items, { at: 0, raw: rest, reason: 'the file ends inside its header' });
    else if (!isBlank(rest)) {
      const base = this.#base();
      // What is there is read; what is missing is reported behind it.
      this.#readChunk(rest, items);
      this.#reject(items, {
        at: base + rest.length,
        raw: Buffer.alloc(0),
        reason: `chunk ${this.#chunk - 1} is cut short`,
        code: 'truncated',
      });
    }
    return items;
  }

  #base(): number {
    return FILE_HEADER_BYTES + this.#chunk * CHUNK_BYTES;
  }

  #readChunk(chunk: Buffer, items: BinaryItem[]): void {
    const base = this.#base();
    const header = chunkHeader(chunk);
    if (header !== null) {
      const found = readChunk(chunk, header, this.#header?.isDirty ?? false);
      for (const item of found) items.push(this.#item(item, chunk, base));
    } else if (!isBlank(chunk)) {
      const reason = `chunk ${this.#chunk} does not begin as a chunk does`;
      this.#reject(items, { at: base, raw: chunk.subarray(0, KEPT_BYTES), reason });
    }
    this.#chunk += 1;
  }

  #item(item: ChunkItem, chunk: Buffer, base: number): BinaryItem {
    const record = this.#record;
    this.#record += 1;
    const { offset } = item;
    if ('fault' in item) {
      const reason = `record at offset ${offset} of chunk ${this.#chunk}: ${item.fault}`;
      const raw = Buffer.from(chunk.subarray(offset, offset + KEPT_BYTES));
      return { record, offset: base + offset, raw, parsed: { reject: 'bad_evtx', reason } };
    }
    const parsed = parseWindowsXml(item.xml);
    const place = `<?evtx chunk="${this.#chunk}" record="${item.id}"?>`;
    return { record, offset: base + offset, raw: Buffer.from(place + item.xml), parsed: oneRecord(parsed) };
  }

  #reject(
    items: BinaryItem[],
    { at, raw, reason, code = 'bad_evtx' }: { at: number; raw: Buffer; reason: string; code?: Rejection['reject'] },
  ): void {
    items.push({ record: this.#record, offset: at, raw: Buffer.from(raw), parsed: { reject: code, reason } });
    this.#record += 1;
  }
}

function oneRecord(parsed: ReturnType<typeof parseWindowsXml>): BinaryItem['parsed'] {
  if (parsed !== null && !('length' in parsed)) return parsed;
  return { reject: 'bad_evtx', reason: 'the record is no event' };
}
