import { crc32 } from 'node:zlib';

export const FILE_HEADER_BYTES = 4096;
export const CHUNK_BYTES = 65_536;
export const CHUNK_HEADER_BYTES = 512;

const FILE_SIGNATURE = Buffer.from('ElfFile\0', 'latin1');
const CHUNK_SIGNATURE = Buffer.from('ElfChnk\0', 'latin1');

const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** What the file says of itself. */
export interface FileHeader {
  readonly major: number;
  readonly minor: number;
  /** Chunks in use; a file that was not closed may have more. */
  readonly chunks: number;
  /** Not closed by its writer: counts and checksums may lag behind. */
  readonly isDirty: boolean;
  readonly isIntact: boolean;
}

/** Whether the bytes begin as an EVTX file does. */
export function isEvtx(bytes: Buffer): boolean {
  return bytes.length >= 128 && bytes.subarray(0, 8).equals(FILE_SIGNATURE);
}

/** The file header from its 4,096 bytes. */
export function fileHeader(bytes: Buffer): FileHeader {
  return {
    minor: bytes.readUInt16LE(36),
    major: bytes.readUInt16LE(38),
    chunks: bytes.readUInt16LE(42),
    isDirty: (bytes.readUInt32LE(120) & 1) !== 0,
    isIntact: crc32(bytes.subarray(0, 120)) === bytes.readUInt32LE(124),
  };
}

/** What a chunk says of itself. */
export interface ChunkHeader {
  /** Identifiers of its first and last record. */
  readonly firstId: bigint;
  readonly lastId: bigint;
  /** Behind the last record. */
  readonly freeOffset: number;
  /** Checksums of header and records agree. */
  readonly isIntact: boolean;
}

/** The header of a chunk; null where none begins. */
export function chunkHeader(chunk: Buffer): ChunkHeader | null {
  if (chunk.length < CHUNK_HEADER_BYTES || !chunk.subarray(0, 8).equals(CHUNK_SIGNATURE)) return null;
  const free = chunk.readUInt32LE(48);
  const freeOffset = free >= CHUNK_HEADER_BYTES && free <= CHUNK_BYTES ? free : CHUNK_BYTES;
  const ofHeader = crc32(chunk.subarray(128, CHUNK_HEADER_BYTES), crc32(chunk.subarray(0, 120)));
  const isIntact =
    ofHeader === chunk.readUInt32LE(124) &&
    crc32(chunk.subarray(CHUNK_HEADER_BYTES, freeOffset)) === chunk.readUInt32LE(52);
  return { firstId: chunk.readBigUInt64LE(24), lastId: chunk.readBigUInt64LE(32), freeOffset, isIntact };
}

/** What is assumed of a chunk whose own header is gone. */
export const HEADERLESS: ChunkHeader = { firstId: 0n, lastId: 0n, freeOffset: CHUNK_BYTES, isIntact: false };

/** Whether nothing was ever written there. */
export function isBlank(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}
