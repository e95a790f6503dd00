import { isUtf8 } from 'node:buffer';
import { RECORD_BYTES_MAX } from '#kernel';
import { bomLength } from '../encoding.ts';
import { type Cut, type Framer, KEPT_BYTES_OF_TOO_LONG, tooLong } from './cut.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Members under which exporters put the array of records: `{"Records":[…]}`. */
const WRAPPER = /^\s*\{\s*"(?:Records|records|value|items|events|logs|data|entries|results|hits)"\s*:\s*\[/;

/** At which nesting depth the records of a JSON text stand: 0 value after value, 1 in an array, 2 in a wrapped array. */
export function recordDepth(headText: string): 0 | 1 | 2 {
  if (/^\s*\[/.test(headText)) return 1;
  return WRAPPER.test(headText) ? 2 : 0;
}

/**
 * JSON values that do not stand one a line: pretty-printed, in an array, in a wrapper. Only strings and brackets are
 * followed; whether a value is JSON is for the parser to say.
 */
export class JsonDocumentFramer implements Framer {
  readonly #recordDepth: number;
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  #scanned = 0;
  #start = -1;
  #depth: number;
  #inString = false;
  #escaped = false;
  #dropping = false;

  constructor(recordDepth: 0 | 1 | 2, offset = 0) {
    this.#recordDepth = recordDepth;
    this.#offset = offset;
    // A resumed reading stands between two records, hence inside the array.
    this.#depth = offset === 0 ? 0 : recordDepth;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): null {
    return null;
  }

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    if (this.#offset === 0 && this.#scanned === 0) this.#scanned = bomLength(this.#carry);
    this.#scan(cuts);
    this.#release();
    if (this.#start !== -1 && this.#carry.length > RECORD_BYTES_MAX) this.#dropRecord(cuts);
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    if (this.#start !== -1) {
      const raw = this.#carry.subarray(this.#start);
      const problem = { reject: 'truncated', reason: 'the JSON value is not complete' } as const;
      if (this.#isScalar()) this.#cut(cuts, this.#carry.length);
      else cuts.push({ offset: this.#offset + this.#start, raw: raw.subarray(0, RECORD_BYTES_MAX), text: '', problem });
    }
    this.#offset += this.#carry.length;
    this.#carry = Buffer.alloc(0);
    return cuts;
  }

  #isScalar(): boolean {
    return this.#depth === this.#recordDepth && !this.#inString;
  }

  #scan(cuts: Cut[]): void {
    const bytes = this.#carry;
    for (let at = this.#scanned; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (this.#inString) this.#stringByte(byte);
      else if (byte === QUOTE) this.#open(at, true);
      else if (byte === 0x7b || byte === 0x5b) {
        this.#open(at, false);
        this.#depth += 1;
      } else if (byte === 0x7d || byte === 0x5d) this.#close(cuts, at);
      else if (byte === COMMA || byte <= 0x20) this.#separator(cuts, at);
      else this.#open(at, false);
    }
    this.#scanned = bytes.length;
  }

  #stringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #open(at: number, inString: boolean): void {
    this.#inString = inString;
    if (this.#start === -1 && this.#depth === this.#recordDepth) this.#start = at;
  }

  #close(cuts: Cut[], at: number): void {
    if (this.#isScalar() && this.#start !== -1) this.#cut(cuts, at);
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth === this.#recordDepth && this.#start !== -1) this.#cut(cuts, at + 1);
    if (this.#depth < this.#recordDepth) this.#start = -1;
  }

  #separator(cuts: Cut[], at: number): void {
    if (this.#start !== -1 && this.#depth === this.#recordDepth) this.#cut(cuts, at);
  }

  #cut(cuts: Cut[], end: number): void {
    const raw = this.#carry.subarray(this.#start, end);
    const offset = this.#offset + this.#start;
    if (!this.#dropping) {
      cuts.push(
        isUtf8(raw)
          ? { offset, raw, text: raw.toString('utf8') }
          : { offset, raw, text: raw.toString('latin1'), latin1: true },
      );
    }
    this.#dropping = false;
    this.#start = -1;
  }

  /** Lets go of the bytes in front of the record that is being read. */
  #release(): void {
    const done = this.#start === -1 ? this.#carry.length : this.#start;
    this.#offset += done;
    this.#scanned -= done;
    this.#carry = this.#carry.subarray(done);
    if (this.#start !== -1) this.#start = 0;
  }

  #dropRecord(cuts: Cut[]): void {
    if (!this.#dropping) {
      const raw = this.#carry.subarray(0, KEPT_BYTES_OF_TOO_LONG);
      cuts.push({ offset: this.#offset, raw, text: '', problem: tooLong(RECORD_BYTES_MAX) });
    }
    this.#dropping = true;
    this.#offset += this.#carry.length;
    this.#scanned = 0;
    this.#carry = Buffer.alloc(0);
    this.#start = 0;
  }
}
