import type { KeyObject } from 'node:crypto';
import { createSecretKey, hkdfSync } from 'node:crypto';
import type { RandomFill } from '#kernel';
import { LedgerError } from './errors.ts';
import { readOptional, replaceFile } from './files.ts';
import { isRecord, parseJson } from './json.ts';
import { APPEND_MARKS_BYTES_MAX, APPEND_MARKS_MAX, MARKS_MAX, MARK_BYTES_MAX, STATE_FILE_BYTES_MAX } from './limits.ts';
import type { MasterKey } from './master-key.ts';
import { seal, unseal } from './master-key.ts';
import type { SourceMark } from './types.ts';

const SALT_BYTES = 32;
const KEY_BYTES = 32;
/** Marks of the ledger's own work (erasures, expiries); callers neither see nor set them. */
export const OWN_MARK_PREFIX = 'ledger:';

/** Source marks are sealed: a file name may name a patient. `salt[32] ‖ AES-256-GCM(JSON) ‖ tag[16]`. */
export class MarkSealer {
  readonly #key: KeyObject;
  readonly #random: RandomFill;

  constructor(master: MasterKey, random: RandomFill) {
    this.#key = createSecretKey(master.derive('marks'));
    this.#random = random;
  }

  /** Seals the marks of the frame at `firstIndex`; no marks give no bytes. */
  seal(marks: readonly SourceMark[], aad: Uint8Array): Buffer {
    return marks.length === 0 ? Buffer.alloc(0) : this.sealAll(marks, aad);
  }

  /** As `seal`, but no marks are sealed too: their absence is as authentic as they are. */
  sealAll(marks: readonly SourceMark[], aad: Uint8Array): Buffer {
    const salt = Buffer.alloc(SALT_BYTES);
    this.#random(salt);
    return Buffer.concat([salt, seal(this.#keyOf(salt), Buffer.from(JSON.stringify(marks)), aad)]);
  }

  /** The marks that were sealed, or null when any byte differs. */
  open(sealed: Buffer, aad: Uint8Array): SourceMark[] | null {
    if (sealed.length === 0) return [];
    if (sealed.length < SALT_BYTES) return null;
    const body = unseal(this.#keyOf(sealed.subarray(0, SALT_BYTES)), sealed.subarray(SALT_BYTES), aad);
    const value = body === null ? null : parseJson(body);
    return Array.isArray(value) && value.every(isMark) ? value : null;
  }

  /** A key for each frame: a random nonce under one key would be good for 2³² frames only (NIST SP 800-38D, 8.3). */
  #keyOf(salt: Uint8Array): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, salt, 'wardkeep/marks/frame', KEY_BYTES));
  }
}

function isMark(value: unknown): value is SourceMark {
  return isRecord(value) && typeof value['sourceId'] === 'string' && typeof value['offset'] === 'number';
}

/** Binds marks to their frame. */
export function marksAad(origin: string, firstIndex: number): Buffer {
  return Buffer.from(`marks\n${origin}\n${firstIndex}`, 'utf8');
}

/**
 * Refuses marks that a frame must not carry or that could not be read back; gives their bytes.
 * @throws {LedgerError} `too_large`, `bad_option`.
 */
export function checkMarks(marks: readonly SourceMark[], known: ReadonlyMap<string, SourceMark>): number {
  if (marks.length > APPEND_MARKS_MAX) {
    throw new LedgerError('too_large', `one append carries ${marks.length} source marks; at most ${APPEND_MARKS_MAX}`);
  }
  let fresh = 0;
  let total = 0;
  for (const mark of marks) {
    if (![mark.offset, mark.records].every((count) => Number.isSafeInteger(count) && count >= 0))
      throw new LedgerError('bad_option', 'offset and records of a source mark are whole numbers from 0 on');
    const bytes = Buffer.byteLength(JSON.stringify(mark));
    if (bytes > MARK_BYTES_MAX) throw new LedgerError('too_large', `a source mark has ${bytes} bytes`);
    total += bytes;
    if (!known.has(mark.sourceId)) fresh += 1;
  }
  if (total > APPEND_MARKS_BYTES_MAX)
    throw new LedgerError('too_large', `the source marks of one append have ${total} bytes`);
  if (known.size + fresh > MARKS_MAX) {
    throw new LedgerError('too_large', `the ledger keeps the marks of at most ${MARKS_MAX} sources`);
  }
  return total;
}

/** Saves all marks as they stand at the start of segment `segment`, so that an opening need not read older ones. */
export function writeMarksSnapshot(
  path: string,
  snapshot: { segment: number; marks: Iterable<SourceMark> },
  tools: { sealer: MarkSealer; origin: string },
): void {
  const aad = Buffer.from(`marks snapshot\n${tools.origin}\n${snapshot.segment}`, 'utf8');
  const sealed = tools.sealer.sealAll([...snapshot.marks], aad);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(snapshot.segment));
  if (head.length + sealed.length > STATE_FILE_BYTES_MAX)
    throw new LedgerError('too_large', `the snapshot of the source marks has ${sealed.length} bytes`);
  replaceFile(path, Buffer.concat([head, sealed]));
}

/** The snapshot, or null when there is none that can be used: then all segments are read. */
export function readMarksSnapshot(
  path: string,
  tools: { sealer: MarkSealer; origin: string },
): { segment: number; marks: SourceMark[] } | null {
  const bytes = readOptional(path);
  if (bytes === null || bytes.length <= 8) return null;
  const segment = Number(bytes.readBigUInt64BE(0));
  const aad = Buffer.from(`marks snapshot\n${tools.origin}\n${segment}`, 'utf8');
  const marks = tools.sealer.open(bytes.subarray(8), aad);
  return marks === null ? null : { segment, marks };
}
