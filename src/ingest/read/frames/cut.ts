import { isUtf8 } from 'node:buffer';
import { RECORD_BYTES_MAX } from '#kernel';
import type { Rejection } from '../../types.ts';

/** One record's bytes, cut out of a member and decoded, or the reason why it could not be cut. */
export interface Cut {
  /** Decompressed byte offset of `raw` within the member. */
  readonly offset: number;
  /** As received, without the separator. A view into the chunk: copy it to keep it. */
  readonly raw: Buffer;
  readonly text: string;
  /** Set when the bytes are not UTF-8 and were decoded as Latin-1. */
  readonly latin1?: true;
  /** Set when the record could not be cut out whole; `raw` then holds its beginning. */
  readonly problem?: Rejection;
  /** Where reading may begin with this record, when that is in front of `raw`. */
  readonly frameOffset?: number;
  /** What a framer needs that begins at this record, where it needs something. */
  readonly state?: string;
}

/** Cuts a stream of chunks into records. */
export interface Framer {
  push(chunk: Buffer): Cut[];
  end(): Cut[];
  /** Bytes in front of this offset have been given out; reading may go on here. */
  readonly consumed: number;
  /** What a later framer needs to go on at `consumed`; null = as between two records. */
  state(): string | null;
}

/** What is kept of a record that is too long. */
export const KEPT_BYTES_OF_TOO_LONG = 4096;

export const TOO_LONG: Rejection = {
  reject: 'too_long',
  reason: `the record is longer than ${RECORD_BYTES_MAX} bytes; its beginning is kept`,
};

/** The cut for a record that is too long, of which `raw` is at least the beginning. */
export function tooLongCut(raw: Buffer, offset: number): Cut {
  return { offset, raw: raw.subarray(0, KEPT_BYTES_OF_TOO_LONG), text: '', problem: TOO_LONG };
}

/** A whole record: as UTF-8, else as Latin-1; too long ones lose all but their beginning, however they came in. */
export function wholeCut(raw: Buffer, offset: number): Cut {
  if (raw.length > RECORD_BYTES_MAX) return tooLongCut(raw, offset);
  return isUtf8(raw)
    ? { offset, raw, text: raw.toString('utf8') }
    : { offset, raw, text: raw.toString('latin1'), latin1: true };
}
