import { RECORD_BYTES_MAX } from '#kernel';
import { bomLength } from '../encoding.ts';
import { type Cut, type Framer, tooLongCut, wholeCut } from './cut.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

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
  readonly #documentDepth: number;
  /** At which depth the records of the document in hand stand. */
  #recordDepth: number;
  /** Set when a document has ended: what follows may be of another form. */
  #isBehind = false;
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  #scanned = 0;
  #start = -1;
  #depth: number;
  #inString = false;
  #escaped = false;
  /** Set while the rest of a record beyond the limit is being passed over. */
  #dropping = false;

  constructor(recordDepth: 0 | 1 | 2, offset = 0, state: string | null = null) {
    this.#documentDepth = recordDepth;
    this.#recordDepth = recordDepth;
    this.#offset = offset;
    // A resumed reading stands between two records, hence inside the array, unless its state says otherwise.
    this.#depth = offset === 0 ? 0 : recordDepth;
    if (state !== null) this.#restore(state);
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): string | null {
    if (this.#start !== -1 && !this.#dropping) return this.#isBehind ? this.#stateInRecord() : null;
    const flags = [this.#isBehind, this.#inString, this.#escaped, this.#dropping];
    if (this.#depth === this.#recordDepth && !flags.includes(true)) return null;
    return [this.#depth, this.#recordDepth, ...flags].map(Number).join(' ');
  }

  /** For a framer that begins where the record in hand begins. */
  #stateInRecord(): string {
    return [this.#recordDepth, this.#recordDepth, Number(this.#isBehind), 0, 0, 0].join(' ');
  }

  #restore(state: string): void {
    const [depth = 0, recordDepth = 0, ...flags] = state.split(' ').map(Number);
    const [isBehind = false, inString = false, escaped = false, dropping = false] = flags.map((flag) => flag === 1);
    this.#depth = depth;
    this.#recordDepth = recordDepth;
    this.#isBehind = isBehind;
    this.#inString = inString;
    this.#escaped = escaped;
    this.#dropping = dropping;
    if (dropping) this.#start = 0;
  }

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    if (this.#offset === 0 && this.#scanned === 0) {
      // A byte order mark may be cut between two chunks.
      if (this.#carry.length < 3 && this.#carry[0] === 0xef) return cuts;
      this.#scanned = bomLength(this.#carry);
    }
    this.#scan(cuts);
    this.#release();
    if (this.#start !== -1 && (this.#dropping || this.#carry.length > RECORD_BYTES_MAX)) this.#dropRecord(cuts);
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    if (this.#scanned < this.#carry.length) this.#scan(cuts);
    if (this.#start !== -1 && !this.#dropping) {
      const raw = this.#carry.subarray(this.#start);
      const problem = { reject: 'truncated', reason: 'the JSON value is not complete' } as const;
      if (this.#isScalar()) this.#cut(cuts, this.#carry.length);
      else cuts.push({ offset: this.#offset + this.#start, raw, text: '', problem });
    }
    this.#offset += this.#carry.length;
    this.#carry = Buffer.alloc(0);
    this.#start = -1;
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
      else if (byte === QUOTE) {
        this.#open(at, byte);
        this.#inString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#open(at, byte);
        this.#depth += 1;
      } else if (byte === 0x7d || byte === 0x5d) this.#close(cuts, at);
      else if (byte === COMMA || byte <= 0x20) this.#separator(cuts, at);
      else this.#open(at, byte);
    }
    this.#scanned = bytes.length;
  }

  #stringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #open(at: number, byte: number): void {
    if (this.#start !== -1) return;
    if (this.#depth === 0 && this.#isBehind) this.#recordDepth = this.#depthBehind(byte);
    if (this.#depth === this.#recordDepth) this.#start = at;
  }

  /** What follows a document: another array, another wrapper, or values by themselves. */
  #depthBehind(byte: number): number {
    if (byte === OPEN_ARRAY) return 1;
    return byte === OPEN_OBJECT && this.#documentDepth === 2 ? 2 : 0;
  }

  #close(cuts: Cut[], at: number): void {
    if (this.#isScalar() && this.#start !== -1) this.#cut(cuts, at);
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth === this.#recordDepth && this.#start !== -1) this.#cut(cuts, at + 1);
    if (this.#depth < this.#recordDepth) this.#start = -1;
    if (this.#depth === 0 && this.#documentDepth > 0) this.#isBehind = true;
  }

  #separator(cuts: Cut[], at: number): void {
    if (this.#start !== -1 && this.#depth === this.#recordDepth) this.#cut(cuts, at);
  }

  #cut(cuts: Cut[], end: number): void {
    if (!this.#dropping) {
      const cut = wholeCut(this.#carry.subarray(this.#start, end), this.#offset + this.#start);
      cuts.push(this.#isBehind ? { ...cut, state: this.#stateInRecord() } : cut);
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
    if (!this.#dropping) cuts.push(tooLongCut(this.#carry, this.#offset));
    this.#dropping = true;
    this.#offset += this.#carry.length;
    this.#scanned = 0;
    this.#carry = Buffer.alloc(0);
    this.#start = 0;
  }
}
