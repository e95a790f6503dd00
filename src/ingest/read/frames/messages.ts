import { RECORD_BYTES_MAX } from '#kernel';
import type { MessageSource } from '../../source.ts';
import { type Cut, type Framer, tooLongCut, wholeCut } from './cut.ts';

const DROPPING = 'dropping';
/** So much of a passed-over message stays in hand: a start marker may be cut between two chunks. */
const START_BYTES_MAX = 16;

/**
 * Messages that a start marker separates (HL7v2). The last message of a chunk waits for the next chunk or the end. Of one
 * that is too long the beginning is reported and the rest passed over, up to the next start.
 */
export class MessageFramer implements Framer {
  readonly #source: MessageSource;
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  #dropping: boolean;

  constructor(source: MessageSource, offset = 0, state: string | null = null) {
    this.#source = source;
    this.#offset = offset;
    this.#dropping = state === DROPPING;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): string | null {
    return this.#dropping ? DROPPING : null;
  }

  push(chunk: Buffer): Cut[] {
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const cuts: Cut[] = [];
    const starts = this.#starts();
    for (let i = 0; i + 1 < starts.length; i += 1) this.#cut(cuts, starts[i] as number, starts[i + 1] as number);
    this.#advance(starts.at(-1) ?? 0);
    if (this.#dropping) this.#advance(Math.max(0, this.#carry.length - START_BYTES_MAX));
    else if (this.#carry.length > RECORD_BYTES_MAX + START_BYTES_MAX) this.#drop(cuts);
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    if (!this.#dropping) this.#cut(cuts, 0, this.#carry.length);
    this.#dropping = false;
    this.#advance(this.#carry.length);
    return cuts;
  }

  /** While a message is passed over, only a start in front of which something stands can end it. */
  #starts(): number[] {
    const starts = this.#source.starts(this.#carry.toString('latin1'));
    if (!this.#dropping) return starts;
    const ends = starts.filter((at) => at > 0);
    if (ends.length > 0) this.#dropping = false;
    return ends;
  }

  #drop(cuts: Cut[]): void {
    cuts.push(tooLongCut(this.#carry, this.#offset));
    this.#dropping = true;
    this.#advance(this.#carry.length - START_BYTES_MAX);
  }

  #cut(cuts: Cut[], start: number, end: number): void {
    const cut = wholeCut(this.#carry.subarray(start, end), this.#offset + start);
    if (cut.problem !== undefined || cut.text.trim() !== '') cuts.push(cut);
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#carry = this.#carry.subarray(length);
  }
}
