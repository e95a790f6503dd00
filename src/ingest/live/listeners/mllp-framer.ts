import { MLLP_GARBAGE_BYTES_MAX, MLLP_MESSAGE_BYTES_MAX } from '../limits.ts';
import { Carry } from './carry.ts';

const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);

/** Cuts an MLLP stream (`0x0b` message `0x1c 0x0d`) into messages; bytes between two are passed over, up to a limit. */
export class MllpFramer {
  readonly #carry = new Carry();
  /** So many bytes of what is carried have no end of a message in them. */
  #searched = 0;
  #isInside = false;
  #garbage = 0;

  push(chunk: Buffer): { frames: Buffer[]; isBroken: boolean } {
    const data = this.#carry.followedBy(chunk);
    const frames: Buffer[] = [];
    let at = 0;
    for (;;) {
      if (!this.#isInside) {
        const start = data.indexOf(START, at);
        this.#garbage += (start === -1 ? data.length : start) - at;
        if (this.#garbage > MLLP_GARBAGE_BYTES_MAX) return { frames, isBroken: true };
        at = start === -1 ? data.length : start + 1;
        if (start === -1) break;
        this.#isInside = true;
      }
      const end = data.indexOf(END, at + this.#searched);
      if ((end === -1 ? data.length : end) - at > MLLP_MESSAGE_BYTES_MAX) return { frames, isBroken: true };
      // The last byte may be the first half of an end.
      this.#searched = end === -1 ? Math.max(0, data.length - at - 1) : 0;
      if (end === -1) break;
      frames.push(data.subarray(at, end));
      at = end + END.length;
      this.#isInside = false;
      this.#garbage = 0;
    }
    this.#carry.keep(data, at);
    return { frames, isBroken: false };
  }

  /** A message without its end was not whole, and was not acknowledged: its sender has it still. */
  end(): Buffer | null {
    return null;
  }
}
