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
}

/** Cuts a stream of chunks into records. */
export interface Framer {
  push(chunk: Buffer): Cut[];
  end(): Cut[];
  /** Bytes in front of this offset have been given out; reading may go on here. */
  readonly consumed: number;
  /** What a later framer needs besides the offset, or null. */
  state(): string | null;
}

/** What is kept of a record that is too long. */
export const KEPT_BYTES_OF_TOO_LONG = 4096;

export function tooLong(limitBytes: number): Rejection {
  return { reject: 'too_long', reason: `the record is longer than ${limitBytes} bytes; its beginning is kept` };
}
