import type { EntryInput, RetentionClass, SourceMark } from '#ledger';
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
 * Entries on their way from the reading thread to the ledger: all bytes in one transferable buffer, per entry five numbers
 * (class, retention, lengths of normal, raw and patient part).
 */
export interface PackedBatch {
  file: string;
  member: string | null;
  mark: SourceMark;
  /** Decompressed bytes that this batch consumed. */
  bytes: number;
  counts: BatchCounts;
  heads: Uint32Array<ArrayBuffer>;
  body: Uint8Array<ArrayBuffer>;
}

const NUMBERS_PER_ENTRY = 5;
const NO_PATIENT = 0xffff_ffff;
const RETENTIONS: readonly RetentionClass[] = ['record', 'telemetry'];

/** Bytes that a packer begins with; it grows to what its batches need. */
const PACKER_BYTES = 256 * 1024;

/** Gathers entries as bytes at once, so that neither their texts nor their records have to live until the batch is full. */
export class BatchPacker {
  #bytes = Buffer.allocUnsafeSlow(PACKER_BYTES);
  #end = 0;
  #heads: number[] = [];

  get count(): number {
    return this.#heads.length / NUMBERS_PER_ENTRY;
  }

  /** Bytes of the entries so far. */
  get bytes(): number {
    return this.#end;
  }

  add({ classUid, retention, normal, raw, patient }: Entry): void {
    // UTF-8 needs at most three bytes a UTF-16 unit.
    this.#reserve(normal.length * 3 + raw.length + (patient?.length ?? 0) * 3);
    const normalBytes = this.#bytes.write(normal, this.#end, 'utf8');
    this.#bytes.set(raw, this.#end + normalBytes);
    this.#end += normalBytes + raw.length;
    const patientBytes = patient === null ? 0 : this.#bytes.write(patient, this.#end, 'utf8');
    this.#end += patientBytes;
    const patientHead = patient === null ? NO_PATIENT : patientBytes;
    this.#heads.push(classUid, RETENTIONS.indexOf(retention), normalBytes, raw.length, patientHead);
  }

  /** The batch, in buffers of its own; the packer is empty afterwards. */
  take(): Pick<PackedBatch, 'heads' | 'body'> {
    const packed = { heads: new Uint32Array(this.#heads), body: new Uint8Array(this.#bytes.subarray(0, this.#end)) };
    this.#heads = [];
    this.#end = 0;
    return packed;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#end + more, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}

/** The entries of a batch as views into its buffer. */
export function unpackEntries({ heads, body }: Pick<PackedBatch, 'heads' | 'body'>): EntryInput[] {
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
