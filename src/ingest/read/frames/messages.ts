import { isUtf8 } from 'node:buffer';
import { RECORD_BYTES_MAX } from '#kernel';
import type { MessageSource } from '../../source.ts';
import { type Cut, type Framer, KEPT_BYTES_OF_TOO_LONG, tooLong } from './cut.ts';

/** Messages that a start marker separates (HL7v2). The last message of a chunk waits for the next chunk or the end. */
export class MessageFramer implements Framer {
  readonly #source: MessageSource;
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;

  constructor(source: MessageSource, offset = 0) {
    this.#source = source;
    this.#offset = offset;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): null {
    return null;
  }

  push(chunk: Buffer): Cut[] {
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const cuts: Cut[] = [];
    const starts = this.#source.starts(this.#carry.toString('latin1'));
    for (let i = 0; i + 1 < starts.length; i += 1) this.#cut(cuts, starts[i] as number, starts[i + 1] as number);
    this.#advance(starts.at(-1) ?? 0);
    if (this.#carry.length > RECORD_BYTES_MAX) {
      const raw = this.#carry.subarray(0, KEPT_BYTES_OF_TOO_LONG);
      cuts.push({ offset: this.#offset, raw, text: '', problem: tooLong(RECORD_BYTES_MAX) });
      this.#advance(this.#carry.length);
    }
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    this.#cut(cuts, 0, this.#carry.length);
    this.#advance(this.#carry.length);
    return cuts;
  }

  #cut(cuts: Cut[], start: number, end: number): void {
    const raw = this.#carry.subarray(start, end);
    const text = isUtf8(raw) ? raw.toString('utf8') : raw.toString('latin1');
    if (text.trim() !== '') cuts.push({ offset: this.#offset + start, raw, text });
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#carry = this.#carry.subarray(length);
  }
}
