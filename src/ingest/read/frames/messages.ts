import { RECORD_BYTES_MAX } from '#kernel';
import type { MessageSource } from '../../source.ts';
import { Carry } from './carry.ts';
import { type Cut, type Framer, tooLongCut, wholeCut } from './cut.ts';

const DROPPING = 'dropping';
/** A start marker with what stands around it; so much is looked at again, since it may be cut between two chunks. */
const START_BYTES_MAX = 16;

/**
 * Messages that a start marker separates (HL7v2). The last message of a chunk waits for the next chunk or the end. Of one
 * that is too long the beginning is reported and the rest passed over, up to the next start. Each byte is searched once.
 */
export class MessageFramer implements Framer {
  readonly #source: MessageSource;
  readonly #carry = new Carry();
  #offset: number;
  #dropping: boolean;
  /** So many bytes of the carry have been searched for starts. */
  #searched = 0;

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
    this.#carry.append(chunk);
    const cuts: Cut[] = [];
    // What the carry begins with is a message, or what stands in front of the first one.
    let from = 0;
    for (const start of this.#newStarts()) {
      if (this.#dropping) this.#dropping = false;
      else this.#cut(cuts, from, start);
      from = start;
    }
    this.#advance(from);
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

  /** Starts in what has not been searched, in front of which something stands. */
  #newStarts(): number[] {
    const decided = Math.max(0, this.#searched - START_BYTES_MAX);
    // The search begins earlier than what counts, so that it sees what stands in front.
    const from = Math.max(0, decided - START_BYTES_MAX);
    const text = this.#carry.bytes.toString('latin1', from);
    this.#searched = this.#carry.length;
    const starts = this.#source.starts(text).map((at) => at + from);
    return starts.filter((at) => at > decided);
  }

  #drop(cuts: Cut[]): void {
    cuts.push(tooLongCut(this.#carry.bytes, this.#offset));
    this.#dropping = true;
    this.#advance(this.#carry.length - START_BYTES_MAX);
  }

  #cut(cuts: Cut[], start: number, end: number): void {
    const cut = wholeCut(this.#carry.bytes.subarray(start, end), this.#offset + start);
    if (cut.problem !== undefined || cut.text.trim() !== '') cuts.push(cut);
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#searched = Math.max(0, this.#searched - length);
    this.#carry.drop(length);
  }
}
