import { createSecretKey, hkdfSync } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RandomFill } from '#kernel';
import { KIB, MIB } from '#kernel';
import { APPEND_BYTES_MAX } from './limits.ts';
import { seal, unseal } from './master-key.ts';

/**
 * A block holds the bodies of some entries of one frame, all of one receive day and retention class:
 * `u32 count ‖ salts[count × 48] ‖ zstd(lengths[count × 3 × u32] ‖ bytes)`, sealed with AES-256-GCM.
 * The salts stay out of zstd: they do not compress and would slow it down.
 */
export const SALTS_BYTES = 48;
export const BLOCK_ID_BYTES = 32;
const LENGTHS_BYTES = 12;
/** In place of a length: the part is not there (patient), or the body is erased (normal). */
const ABSENT = 0xffff_ffff;
const ZSTD_PARAMS = { [constants.ZSTD_c_compressionLevel]: 1 };
/**
 * Output that zstd is given room for at once: whole for what a batch usually has, so that nothing is joined, and not much more,
 * since the collector counts the room and not what is used of it.
 */
const ZSTD_CHUNK_BYTES_MAX = MIB;
const ZSTD_CHUNK_BYTES_MIN = 4 * KIB;
/** Bytes of events for one of their compressed form, at a guess that only sets the room. */
const USUAL_RATIO = 10;
const STREAM_BYTES_MAX = APPEND_BYTES_MAX + LENGTHS_BYTES * 65_536;

/** One body read back; `salts` are those of normal, raw and patient, 16 bytes each. */
export interface Body {
  salts: Buffer;
  normal: Buffer;
  raw: Buffer;
  patient: Buffer | null;
}

/** The bytes of the bodies of a block while it is filled; reused from block to block. */
export class BlockStream {
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  #count = 0;
  #filled = 0;
  #end = 0;

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Offset in `bytes` behind the body added last. */
  get end(): number {
    return this.#end;
  }

  /** Starts a block of `count` bodies. */
  start(count: number): void {
    this.#count = count;
    this.#filled = 0;
    this.#end = count * LENGTHS_BYTES;
    this.#reserve(0);
  }

  /** Adds the next body; its parts lie one after another in `bytes` from the returned offset on. */
  add(normal: Uint8Array | string, raw: Uint8Array, patient: Uint8Array | null): number {
    const start = this.#end;
    const normalBytes = this.#put(normal);
    this.#put(raw);
    if (patient !== null) this.#put(patient);
    this.#setLengths(normalBytes, raw.length, patient === null ? ABSENT : patient.length);
    return start;
  }

  /** Adds the place of an erased body. */
  addErased(): void {
    this.#setLengths(ABSENT, 0, 0);
  }

  /** Compresses what was added, behind count and salts: the plaintext of the block. */
  finish(salts: Uint8Array): Buffer {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(this.#count);
    const chunkSize = zstdChunk(Math.ceil(this.#end / USUAL_RATIO));
    const packed = zstdCompressSync(this.#bytes.subarray(0, this.#end), { params: ZSTD_PARAMS, chunkSize });
    return Buffer.concat([head, salts, packed]);
  }

  #put(part: Uint8Array | string): number {
    const start = this.#end;
    if (typeof part === 'string') {
      // A character takes three bytes at most; to count them would cost as much as to write them.
      this.#reserve(part.length * 3);
      this.#end += this.#bytes.write(part, start, 'utf8');
    } else {
      this.#reserve(part.length);
      this.#bytes.set(part, start);
      this.#end += part.length;
    }
    return this.#end - start;
  }

  #setLengths(normal: number, raw: number, patient: number): void {
    const at = this.#filled * LENGTHS_BYTES;
    this.#bytes.writeUInt32BE(normal, at);
    this.#bytes.writeUInt32BE(raw, at + 4);
    this.#bytes.writeUInt32BE(patient, at + 8);
    this.#filled += 1;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#end + more, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}

/** The bodies of an opened block. */
export class OpenBlock {
  readonly count: number;
  readonly salts: Buffer;
  readonly bytes: Buffer;
  readonly #starts: Uint32Array;

  private constructor(options: { count: number; salts: Buffer; bytes: Buffer; starts: Uint32Array }) {
    this.count = options.count;
    this.salts = options.salts;
    this.bytes = options.bytes;
    this.#starts = options.starts;
  }

  /** The bodies in a block's plaintext, or null when it is not what `BlockStream` writes. */
  static parse(plain: Buffer): OpenBlock | null {
    if (plain.length < 4) return null;
    const count = plain.readUInt32BE(0);
    const saltsEnd = 4 + count * SALTS_BYTES;
    if (saltsEnd > plain.length) return null;
    const bytes = decompress(plain.subarray(saltsEnd));
    if (bytes === null) return null;
    const starts = startsOf(bytes, count);
    return starts === null ? null : new OpenBlock({ count, salts: plain.subarray(4, saltsEnd), bytes, starts });
  }

  erased(position: number): boolean {
    return this.#length(position, 0) === ABSENT;
  }

  hasPatient(position: number): boolean {
    return this.#length(position, 2) !== ABSENT;
  }

  /** Offset in `bytes` of part 0 to 2 of a body that is not erased; part 3 is its end. */
  partStart(position: number, part: 0 | 1 | 2 | 3): number {
    let at = this.#starts[position] ?? 0;
    if (part > 0) at += this.#length(position, 0);
    if (part > 1) at += this.#length(position, 1);
    if (part > 2 && this.hasPatient(position)) at += this.#length(position, 2);
    return at;
  }

  /** One body (views into the block), or null when it is erased. */
  body(position: number): Body | null {
    if (this.erased(position)) return null;
    const [normal, raw, patient, end] = ([0, 1, 2, 3] as const).map((part) => this.partStart(position, part));
    return {
      salts: this.salts.subarray(position * SALTS_BYTES, (position + 1) * SALTS_BYTES),
      normal: this.bytes.subarray(normal, raw),
      raw: this.bytes.subarray(raw, patient),
      patient: this.hasPatient(position) ? this.bytes.subarray(patient, end) : null,
    };
  }

  #length(position: number, part: number): number {
    return this.bytes.readUInt32BE(position * LENGTHS_BYTES + part * 4);
  }
}

/** Seals a block's plaintext under a fresh random id. */
export function sealBlock(
  plain: Buffer,
  options: { dayKey: Buffer; aad: Uint8Array; random: RandomFill },
): {
  id: Buffer;
  bytes: Buffer;
} {
  const id = Buffer.alloc(BLOCK_ID_BYTES);
  options.random(id);
  return { id, bytes: seal(blockKey(options.dayKey, id), plain, options.aad) };
}

/** Opens a sealed block, or gives null when key, AAD or any byte differs. */
export function openBlock(block: { id: Buffer; bytes: Buffer }, dayKey: Buffer, aad: Uint8Array): OpenBlock | null {
  const plain = unseal(blockKey(dayKey, block.id), block.bytes, aad);
  return plain === null ? null : OpenBlock.parse(plain);
}

/** What binds a block to its place: `u16 length ‖ origin ‖ u64 first index ‖ leaf hashes`. */
export function blockAad(origin: string, firstIndex: number, leafHashes: Uint8Array): Buffer {
  const name = Buffer.from(origin, 'utf8');
  const aad = Buffer.allocUnsafe(10 + name.length + leafHashes.length);
  aad.writeUInt16BE(name.length, 0);
  aad.set(name, 2);
  aad.writeBigUInt64BE(BigInt(firstIndex), 2 + name.length);
  aad.set(leafHashes, 10 + name.length);
  return aad;
}

function blockKey(dayKey: Buffer, id: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', createSecretKey(dayKey), id, 'wardkeep/block', 32));
}

function zstdChunk(bytes: number): number {
  return Math.min(ZSTD_CHUNK_BYTES_MAX, Math.max(ZSTD_CHUNK_BYTES_MIN, bytes));
}

function decompress(bytes: Buffer): Buffer | null {
  try {
    const chunkSize = zstdChunk(bytes.length * USUAL_RATIO);
    return zstdDecompressSync(bytes, { maxOutputLength: STREAM_BYTES_MAX, chunkSize });
  } catch {
    return null;
  }
}

/** Start of each body; null when the lengths do not add up to the bytes that are there. */
function startsOf(bytes: Buffer, count: number): Uint32Array | null {
  if (count * LENGTHS_BYTES > bytes.length) return null;
  const starts = new Uint32Array(count);
  let end = count * LENGTHS_BYTES;
  for (let position = 0; position < count; position += 1) {
    starts[position] = end;
    const at = position * LENGTHS_BYTES;
    const normal = bytes.readUInt32BE(at);
    if (normal === ABSENT) continue;
    const patient = bytes.readUInt32BE(at + 8);
    end += normal + bytes.readUInt32BE(at + 4) + (patient === ABSENT ? 0 : patient);
    if (end > bytes.length) return null;
  }
  return end === bytes.length ? starts : null;
}
