import { crc32 } from 'node:zlib';
import { CHUNK_BYTES, CHUNK_HEADER_BYTES, FILE_HEADER_BYTES } from './headers.ts';

/** Writes small EVTX files for tests: one template an event, its values as given. */

export interface SampleValue {
  readonly name: string;
  readonly type: number;
  readonly bytes: Buffer;
}

export interface SampleOptions {
  /** Records by their values. */
  readonly records: readonly (readonly SampleValue[])[];
  readonly dirty?: boolean;
  /** Records a chunk; default all in one. */
  readonly perChunk?: number;
}

class Writer {
  readonly chunk = Buffer.alloc(CHUNK_BYTES);
  at = CHUNK_HEADER_BYTES;

  u8(...values: number[]): void {
    for (const value of values) this.at = this.chunk.writeUInt8(value, this.at);
  }

  u16(value: number): void {
    this.at = this.chunk.writeUInt16LE(value, this.at);
  }

  u32(value: number): void {
    this.at = this.chunk.writeUInt32LE(value, this.at);
  }

  bytes(bytes: Buffer): void {
    this.at += bytes.copy(this.chunk, this.at);
  }

  text(text: string): void {
    this.u16(text.length);
    this.bytes(Buffer.from(text, 'utf16le'));
  }

  /** A name that stands where it is used. */
  name(name: string): void {
    this.u32(this.at + 4);
    this.u32(0);
    this.u16(0);
    this.text(name);
    this.u16(0);
  }

  /** A start tag; `attribute` is a name and a literal. */
  open(name: string, attribute?: readonly [string, string]): void {
    this.u8(attribute === undefined ? 0x01 : 0x41);
    this.u16(0xff_ff);
    this.u32(0);
    this.name(name);
    if (attribute !== undefined) {
      this.u32(0);
      this.u8(0x06);
      this.name(attribute[0]);
      this.literal(attribute[1]);
    }
    this.u8(0x02);
  }

  literal(text: string): void {
    this.u8(0x05, 0x01);
    this.text(text);
  }

  close(): void {
    this.u8(0x04);
  }
}

function writeEvent(writer: Writer, values: readonly SampleValue[]): void {
  writer.u8(0x0f, 1, 1, 0, 0x0c, 1);
  writer.u32(7);
  writer.u32(writer.at + 4);
  const definition = writer.at;
  writer.at += 20;
  const size = writer.at;
  writer.u32(0);
  writer.u8(0x0f, 1, 1, 0);
  writer.open('Event');
  writer.open('System');
  for (const [name, text] of [
    ['EventID', '4242'],
    ['Channel', 'Sample'],
    ['Computer', 'pc-1'],
  ] as const) {
    writer.open(name);
    writer.literal(text);
    writer.close();
  }
  writer.close();
  writer.open('EventData');
  values.forEach(({ name, type }, index) => {
    writer.open('Data', ['Name', name]);
    writer.u8(0x0e);
    writer.u16(index);
    writer.u8(type);
    writer.close();
  });
  writer.close();
  writer.close();
  writer.u8(0);
  writer.chunk.writeUInt32LE(writer.at - definition - 24, size);
  writer.u32(values.length);
  for (const { type, bytes } of values) {
    writer.u16(bytes.length);
    writer.u8(type, 0);
  }
  for (const { bytes } of values) writer.bytes(bytes);
  writer.u8(0);
}

function writeChunk(records: SampleOptions['records'], firstId: number): Buffer {
  const writer = new Writer();
  records.forEach((values, index) => {
    const start = writer.at;
    writer.bytes(Buffer.from([0x2a, 0x2a, 0, 0]));
    writer.u32(0);
    writer.bytes(Buffer.from(new BigUint64Array([BigInt(firstId + index), 133_000_000_000_000_000n]).buffer));
    writeEvent(writer, values);
    writer.u32(writer.at + 4 - start);
    writer.chunk.writeUInt32LE(writer.at - start, start + 4);
  });
  const { chunk, at } = writer;
  chunk.write('ElfChnk\0', 'latin1');
  for (const place of [8, 24]) chunk.writeBigUInt64LE(BigInt(firstId), place);
  for (const place of [16, 32]) chunk.writeBigUInt64LE(BigInt(firstId + records.length - 1), place);
  chunk.writeUInt32LE(128, 40);
  chunk.writeUInt32LE(at, 48);
  chunk.writeUInt32LE(crc32(chunk.subarray(CHUNK_HEADER_BYTES, at)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, CHUNK_HEADER_BYTES), crc32(chunk.subarray(0, 120))), 124);
  return chunk;
}

/** A whole file. */
export function sampleFile({ records, dirty = false, perChunk = records.length }: SampleOptions): Buffer {
  const chunks: Buffer[] = [];
  for (let first = 0; first < records.length; first += perChunk)
    chunks.push(writeChunk(records.slice(first, first + perChunk), first + 1));
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.write('ElfFile\0', 'latin1');
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4096, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(dirty ? 1 : 0, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
}
