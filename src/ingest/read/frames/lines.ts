import { isAscii } from 'node:buffer';
import { RECORD_BYTES_MAX } from '#kernel';
import { bomLength } from '../encoding.ts';
import { type Cut, type Framer, tooLongCut, wholeCut } from './cut.ts';

const LF = 10;
const CR = 13;
/** State of a framer that passes over the rest of a line. */
export const SKIPPING = 'skipping';

/**
 * Lines, separated by LF or CRLF; empty lines are no records. ASCII blocks are decoded at once and sliced, which is what makes
 * reading cheap; other blocks are decoded line by line, a line that is not UTF-8 as Latin-1.
 */
export class LineFramer implements Framer {
  #carry: Buffer = Buffer.alloc(0);
  #carryOffset: number;
  /** Set while the rest of a line beyond the limit is being passed over. */
  #skipping: boolean;

  constructor(offset = 0, state: string | null = null) {
    this.#carryOffset = offset;
    this.#skipping = state === SKIPPING;
  }

  get consumed(): number {
    return this.#carryOffset;
  }

  state(): string | null {
    return this.#skipping ? SKIPPING : null;
  }

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    let bytes = chunk;
    if (this.#skipping) {
      const end = chunk.indexOf(LF);
      this.#carryOffset += end === -1 ? chunk.length : end + 1;
      if (end === -1) return cuts;
      this.#skipping = false;
      bytes = chunk.subarray(end + 1);
    }
    // Only the line that lies across two chunks is joined: the rest is cut where it is.
    const first = this.#carry.length === 0 ? -1 : bytes.indexOf(LF);
    if (this.#carry.length > 0)
      this.#take(Buffer.concat([this.#carry, bytes.subarray(0, first + 1 || bytes.length)]), cuts);
    if (this.#carry.length === 0) this.#take(bytes.subarray(first + 1), cuts);
    // One byte more than the limit may be the CR of a line that is just as long.
    if (this.#carry.length > RECORD_BYTES_MAX + 1) this.#startSkipping(cuts);
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    if (this.#carry.length > 0) cutLines(this.#carry, this.#carryOffset, cuts);
    this.#carryOffset += this.#carry.length;
    this.#carry = Buffer.alloc(0);
    return cuts;
  }

  /** Cuts the lines that end in `data`; the rest is carried over. */
  #take(data: Buffer, cuts: Cut[]): void {
    const last = data.lastIndexOf(LF);
    if (last !== -1) cutLines(data.subarray(0, last), this.#carryOffset, cuts);
    this.#carryOffset += last + 1;
    this.#carry = data.subarray(last + 1);
  }

  #startSkipping(cuts: Cut[]): void {
    cuts.push(tooLongCut(this.#carry, this.#carryOffset));
    this.#carryOffset += this.#carry.length;
    this.#carry = Buffer.alloc(0);
    this.#skipping = true;
  }
}

/** Cuts whole lines (the last without its line feed) out of `data`, which begins at byte `base` of the member. */
export function cutLines(data: Buffer, base: number, cuts: Cut[]): void {
  if (isAscii(data)) cutAscii(data, base, cuts);
  else cutAny(data, base, cuts);
}

function cutAscii(data: Buffer, base: number, cuts: Cut[]): void {
  const all = data.toString('latin1');
  for (let start = 0; start < all.length;) {
    const feed = all.indexOf('\n', start);
    const next = feed === -1 ? all.length : feed;
    const end = next > start && all.charCodeAt(next - 1) === CR ? next - 1 : next;
    if (end - start > RECORD_BYTES_MAX) cuts.push(tooLongCut(data.subarray(start, end), base + start));
    else if (end > start)
      cuts.push({ offset: base + start, raw: data.subarray(start, end), text: all.slice(start, end) });
    start = next + 1;
  }
}

function cutAny(data: Buffer, base: number, cuts: Cut[]): void {
  let start = base === 0 ? bomLength(data) : 0;
  while (start < data.length) {
    const feed = data.indexOf(LF, start);
    const next = feed === -1 ? data.length : feed;
    const end = next > start && data[next - 1] === CR ? next - 1 : next;
    if (end > start) cuts.push(wholeCut(data.subarray(start, end), base + start));
    start = next + 1;
  }
}
