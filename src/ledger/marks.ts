import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { RandomFill } from '#kernel';
import { LedgerError } from './errors.ts';
import { readOptional, replaceFile } from './files.ts';
import { isRecord, parseJson } from './json.ts';
import { APPEND_MARKS_MAX, MARKS_MAX, MARK_BYTES_MAX } from './limits.ts';
import type { MasterKey } from './master-key.ts';
import type { SourceMark } from './types.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Marks of the ledger's own work (erasures, expiries); callers neither see nor set them. */
export const OWN_MARK_PREFIX = 'ledger:';

/** Source marks are sealed: a file name may name a patient. `nonce[12] ‖ AES-256-GCM(JSON) ‖ tag[16]`. */
export class MarkSealer {
  readonly #key: Buffer;
  readonly #random: RandomFill;

  constructor(master: MasterKey, random: RandomFill) {
    this.#key = master.derive('marks');
    this.#random = random;
  }

  /** Seals the marks of the frame at `firstIndex`; no marks give no bytes. */
  seal(marks: readonly SourceMark[], aad: Uint8Array): Buffer {
    if (marks.length === 0) return Buffer.alloc(0);
    const nonce = Buffer.alloc(NONCE_BYTES);
    this.#random(nonce);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(aad);
    const body = cipher.update(JSON.stringify(marks), 'utf8');
    cipher.final();
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  /** The marks that were sealed, or null when any byte differs. */
  open(sealed: Buffer, aad: Uint8Array): SourceMark[] | null {
    if (sealed.length === 0) return [];
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const cut = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(cut));
    const body = decipher.update(sealed.subarray(NONCE_BYTES, cut));
    try {
      decipher.final();
    } catch {
      return null;
    }
    const value = parseJson(body);
    return Array.isArray(value) && value.every(isMark) ? value : null;
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
 * Refuses marks that a frame must not carry.
 * @throws {LedgerError} `too_large`.
 */
export function checkMarks(marks: readonly SourceMark[], known: ReadonlyMap<string, SourceMark>): void {
  if (marks.length > APPEND_MARKS_MAX) {
    throw new LedgerError('too_large', `one append carries ${marks.length} source marks; at most ${APPEND_MARKS_MAX}`);
  }
  let fresh = 0;
  for (const mark of marks) {
    const bytes = mark.sourceId.length + (mark.state?.length ?? 0);
    if (bytes > MARK_BYTES_MAX) throw new LedgerError('too_large', `a source mark has ${bytes} characters`);
    if (!known.has(mark.sourceId)) fresh += 1;
  }
  if (known.size + fresh > MARKS_MAX) {
    throw new LedgerError('too_large', `the ledger keeps the marks of at most ${MARKS_MAX} sources`);
  }
}

/** Saves all marks as they stand at the start of segment `segment`, so that an opening need not read older ones. */
export function writeMarksSnapshot(
  path: string,
  snapshot: { segment: number; marks: Iterable<SourceMark> },
  tools: { sealer: MarkSealer; origin: string },
): void {
  const aad = Buffer.from(`marks snapshot\n${tools.origin}\n${snapshot.segment}`, 'utf8');
  const sealed = tools.sealer.seal([...snapshot.marks], aad);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(snapshot.segment));
  replaceFile(path, Buffer.concat([head, sealed]));
}

/** The snapshot, or null when there is none that can be used: then all segments are read. */
export function readMarksSnapshot(
  path: string,
  tools: { sealer: MarkSealer; origin: string },
): { segment: number; marks: SourceMark[] } | null {
  const bytes = readOptional(path);
  if (bytes === null || bytes.length < 8) return null;
  const segment = Number(bytes.readBigUInt64BE(0));
  const aad = Buffer.from(`marks snapshot\n${tools.origin}\n${segment}`, 'utf8');
  const marks = tools.sealer.open(bytes.subarray(8), aad);
  return marks === null ? null : { segment, marks };
}
