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

export function packEntries(entries: readonly Entry[]): Pick<PackedBatch, 'heads' | 'body'> {
  const heads = new Uint32Array(entries.length * NUMBERS_PER_ENTRY);
  let bound = 0;
  for (const { normal, raw, patient } of entries) bound += normal.length * 3 + raw.length + (patient?.length ?? 0) * 3;
  // UTF-8 needs at most three bytes a UTF-16 unit; nearly all text is ASCII, so the bound is cut down afterwards.
  const body = Buffer.from(new ArrayBuffer(bound));
  let at = 0;
  for (const [i, entry] of entries.entries()) {
    const head = i * NUMBERS_PER_ENTRY;
    const normalBytes = body.write(entry.normal, at, 'utf8');
    at += normalBytes;
    body.set(entry.raw, at);
    at += entry.raw.length;
    const patientBytes = entry.patient === null ? 0 : body.write(entry.patient, at, 'utf8');
    at += patientBytes;
    heads[head] = entry.classUid;
    heads[head + 1] = RETENTIONS.indexOf(entry.retention);
    heads[head + 2] = normalBytes;
    heads[head + 3] = entry.raw.length;
    heads[head + 4] = entry.patient === null ? NO_PATIENT : patientBytes;
  }
  return { heads, body: new Uint8Array(body.buffer, 0, at) };
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
