import type { BinaryItem, BinaryReader } from '../../../source.ts';
import type { RejectCode } from '../../../types.ts';
import { parseWindowsXml } from '../windows-xml.ts';
import { type ChunkItem, holdsRecords, readChunk } from './chunk.ts';
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  type ChunkHeader,
  FILE_HEADER_BYTES,
  type FileHeader,
  HEADERLESS,
  chunkHeader,
  fileHeader,
  isBlank,
} from './headers.ts';

/** Bytes of an unreadable stretch that are kept. */
const KEPT_BYTES = 4096;

/** Something wrong that may turn out to be none, once it is known whether a chunk follows. */
interface Doubt {
  readonly at: number;
  readonly raw: Buffer;
  readonly reason: string;
  /** Not to be reported when it lies behind the last chunk. */
  readonly isSlack: boolean;
}

/**
 * Reads an EVTX file as its bytes come, a chunk at a time. Whatever cannot be read is a rejection that names chunk and
 * offset; the rest of the chunk and of the file is read all the same. Space that the writer took ahead and never used
 * is no record: zeros, or, behind the last chunk, bytes in which no record begins.
 */
export class EvtxReader implements BinaryReader {
  #carry: Buffer = Buffer.alloc(0);
  #header: FileHeader | null = null;
  #chunk = 0;
  #record = 0;
  #doubts: Doubt[] = [];

  push(bytes: Buffer): BinaryItem[] {
    const items: BinaryItem[] = [];
    this.#carry = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    if (this.#header === null) {
      if (this.#carry.length < FILE_HEADER_BYTES) return items;
      this.#header = fileHeader(this.#carry);
      if (!this.#header.isIntact)
        this.#reject(items, {
          at: 0,
          raw: this.#carry.subarray(0, 128),
          reason: 'the checksum of the file header differs',
        });
      this.#carry = this.#carry.subarray(FILE_HEADER_BYTES);
    }
    while (this.#carry.length >= CHUNK_BYTES) {
      this.#readBlock(this.#carry.subarray(0, CHUNK_BYTES), items);
      this.#carry = this.#carry.subarray(CHUNK_BYTES);
    }
    return items;
  }

  end(): BinaryItem[] {
    const items: BinaryItem[] = [];
    const rest = this.#carry;
    this.#carry = Buffer.alloc(0);
    if (this.#header === null) {
      this.#reject(items, { at: 0, raw: rest, reason: 'the file ends inside its header', code: 'truncated' });
      return items;
    }
    if (!isBlank(rest)) this.#readRest(rest, items);
    for (const doubt of this.#doubts) if (!doubt.isSlack) this.#reject(items, doubt);
    this.#doubts = [];
    return items;
  }

  /** The last chunk without its end: what is there is read, what is missing is reported behind it. */
  #readRest(rest: Buffer, items: BinaryItem[]): void {
    const at = this.#base() + rest.length;
    const reason = `chunk ${this.#chunk} is cut short`;
    this.#readBlock(rest, items);
    this.#reject(items, { at, raw: Buffer.alloc(0), reason, code: 'truncated' });
  }

  #base(): number {
    return FILE_HEADER_BYTES + this.#chunk * CHUNK_BYTES;
  }

  #readBlock(block: Buffer, items: BinaryItem[]): void {
    const header = chunkHeader(block);
    if (header !== null) this.#readChunk(block, header, items);
    else if (holdsRecords(block)) {
      this.#reject(items, {
        at: this.#base(),
        raw: block.subarray(0, CHUNK_HEADER_BYTES),
        reason: `the header of chunk ${this.#chunk} is destroyed; its records were read`,
      });
      this.#readRecords(block, HEADERLESS, items);
    } else if (!isBlank(block))
      this.#doubt(block, `chunk ${this.#chunk} holds bytes that are no chunk`, this.#isSpare());
    this.#chunk += 1;
  }

  #readChunk(block: Buffer, header: ChunkHeader, items: BinaryItem[]): void {
    for (const doubt of this.#doubts) this.#reject(items, doubt);
    this.#doubts = [];
    const found = this.#readRecords(block, header, items);
    const stated = header.lastId - header.firstId + 1n;
    const isComplete = block.length === CHUNK_BYTES;
    if (!header.isIntact && isComplete)
      this.#doubt(block, `the checksum of chunk ${this.#chunk} differs; its records were read`, this.#isOpen());
    if (BigInt(found) < stated && isComplete)
      this.#doubt(block, `chunk ${this.#chunk} states ${stated} records and has ${found}`, this.#isOpen());
  }

  /** Whether the file was not closed: its last chunk, and what lies behind it, may be anything. */
  #isOpen(): boolean {
    return this.#header?.isDirty ?? false;
  }

  /** Whether this place is space taken ahead, if no chunk follows. */
  #isSpare(): boolean {
    return this.#isOpen() || this.#chunk >= (this.#header?.chunks ?? 0);
  }

  #doubt(block: Buffer, reason: string, isSlack: boolean): void {
    this.#doubts.push({ at: this.#base(), raw: Buffer.from(block.subarray(0, KEPT_BYTES)), reason, isSlack });
  }

  /** How many records the chunk has, broken ones counted. */
  #readRecords(block: Buffer, header: ChunkHeader, items: BinaryItem[]): number {
    const found = readChunk(block, header, this.#isOpen());
    for (const item of found) items.push(this.#item(item, block));
    return found.length;
  }

  #item(item: ChunkItem, block: Buffer): BinaryItem {
    const record = this.#record;
    this.#record += 1;
    const offset = this.#base() + item.offset;
    if ('fault' in item) {
      const reason = `record at offset ${item.offset} of chunk ${this.#chunk}: ${item.fault}`;
      const raw = Buffer.from(block.subarray(item.offset, item.offset + KEPT_BYTES));
      return { record, offset, raw, parsed: { reject: 'bad_evtx', reason } };
    }
    const place = `<?evtx chunk="${this.#chunk}" record="${item.id}"?>`;
    return { record, offset, raw: Buffer.from(place + item.xml), parsed: understood(item.xml) };
  }

  #reject(
    items: BinaryItem[],
    { at, raw, reason, code = 'bad_evtx' }: { at: number; raw: Buffer; reason: string; code?: RejectCode },
  ): void {
    items.push({ record: this.#record, offset: at, raw: Buffer.from(raw), parsed: { reject: code, reason } });
    this.#record += 1;
  }
}

function understood(xml: string): BinaryItem['parsed'] {
  return parseWindowsXml(xml) ?? { reject: 'bad_evtx', reason: 'the record is no event' };
}
