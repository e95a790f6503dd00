import { KIB, MIB } from '#kernel';
import type { EntryInput, RetentionClass, SourceMark } from '#ledger';
import type { BatchAreas } from './batch-areas.ts';
import type { Entry } from './entry.ts';

/** What a batch holds, counted for the operator. */
export interface BatchCounts {
  events: number;
  /** By source name. */
  bySource: Record<string, number>;
  /** By reject code. */
  rejected: Record<string, number>;
  /** Events whose time is the arrival, since the source states none. */
  timeless: number;
}

/**
 * Entries on their way from the reading thread to the ledger: all bytes in one shared area (to be given back) or, where
 * that would be too small, in a transferable buffer; per entry five numbers (class, retention, lengths of normal, raw and patient part).
 */
export interface PackedBatch {
  file: string;
  member: string | null;
  mark: SourceMark;
  /** Decompressed bytes that this batch consumed. */
  bytes: number;
  counts: BatchCounts;
  heads: Uint32Array<ArrayBuffer>;
  /** Number of the area that holds the bytes; null when they lie in `own`. */
  area: number | null;
  own: Uint8Array<ArrayBuffer> | null;
}

const NUMBERS_PER_ENTRY = 5;
const NO_PATIENT = 0xffff_ffff;
/** Bytes of a new buffer where no area is free: a little more than the batch before took, within these bounds. */
const BUFFER_BYTES_MIN = 64 * KIB;
const BUFFER_BYTES_MAX = 4 * MIB;
const RETENTIONS: readonly RetentionClass[] = ['record', 'telemetry'];

/** Gathers entries as bytes at once, so that neither their texts nor their records have to live until the batch is full. */
export class BatchPacker {
  readonly #areas: BatchAreas;
  #area: number | null = null;
  /** Bytes of the area, or of a buffer in its place; null between two batches. */
  #bytes: Buffer | null = null;
  #end = 0;
  #heads: number[] = [];
  /** Batches of one sender are alike: whoever begins with the size of the last seldom has to grow. */
  #expected = BUFFER_BYTES_MIN;

  constructor(areas: BatchAreas) {
    this.#areas = areas;
  }

  get count(): number {
    return this.#heads.length / NUMBERS_PER_ENTRY;
  }

  /** Bytes of the entries so far. */
  get bytes(): number {
    return this.#end;
  }

  add({ classUid, retention, normal, raw, patient }: Entry): void {
    // UTF-8 needs at most three bytes a UTF-16 unit.
    const bytes = this.#room(normal.length * 3 + raw.length + (patient?.length ?? 0) * 3);
    const normalBytes = bytes.write(normal, this.#end, 'utf8');
    bytes.set(raw, this.#end + normalBytes);
    this.#end += normalBytes + raw.length;
    const patientBytes = patient === null ? 0 : bytes.write(patient, this.#end, 'utf8');
    this.#end += patientBytes;
    const patientHead = patient === null ? NO_PATIENT : patientBytes;
    this.#heads.push(classUid, RETENTIONS.indexOf(retention), normalBytes, raw.length, patientHead);
  }

  /** The batch; the packer is empty afterwards and fills another area. */
  take(): Pick<PackedBatch, 'heads' | 'area' | 'own'> {
    const area = this.#area;
    const own = area === null ? this.#ownBytes() : null;
    this.#expected = Math.min(Math.max(this.#end + (this.#end >> 2), BUFFER_BYTES_MIN), BUFFER_BYTES_MAX);
    const packed = { heads: new Uint32Array(this.#heads), area, own };
    this.#area = null;
    this.#bytes = null;
    this.#end = 0;
    this.#heads = [];
    return packed;
  }

  #room(more: number): Buffer {
    const bytes = (this.#bytes ??= this.#begin());
    if (this.#end + more <= bytes.length) return bytes;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#end + more, bytes.length * 2));
    bytes.copy(grown, 0, 0, this.#end);
    if (this.#area !== null) this.#areas.give(this.#area);
    this.#area = null;
    return (this.#bytes = grown);
  }

  #begin(): Buffer {
    this.#area = this.#areas.take();
    return this.#area === null ? Buffer.allocUnsafeSlow(this.#expected) : this.#areas.bytes(this.#area);
  }

  /** The buffer as it is, its unused end cut from view: whoever takes it takes all of it. */
  #ownBytes(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    if (bytes === null) return new Uint8Array(0);
    return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, this.#end);
  }
}

/** The entries of a batch as views of its bytes: good until its area is given back. */
export function unpackEntries(
  { heads, area, own }: Pick<PackedBatch, 'heads' | 'area' | 'own'>,
  areas: BatchAreas,
): EntryInput[] {
  const body = own ?? areas.bytes(area ?? 0);
  const entries: EntryInput[] = [];
  let at = 0;
  const take = (length: number): Uint8Array => body.subarray(at, (at += length));
  for (let head = 0; head < heads.length; head += NUMBERS_PER_ENTRY) {
    const classUid = heads[head] as number;
    const retention = RETENTIONS[heads[head + 1] as number] as RetentionClass;
    const normal = take(heads[head + 2] as number);
    const raw = take(heads[head + 3] as number);
    const patientLength = heads[head + 4] as number;
    const patient = patientLength === NO_PATIENT ? null : take(patientLength);
    entries.push({ classUid, retention, normal, raw, patient });
  }
  return entries;
}
