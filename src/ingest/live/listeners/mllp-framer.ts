import { MLLP_GARBAGE_BYTES_MAX, MLLP_MESSAGE_BYTES_MAX } from '../limits.ts';

const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);
const EMPTY = Buffer.alloc(0);

/** Cuts an MLLP stream (`0x0b` message `0x1c 0x0d`) into messages; bytes between two are passed over, up to a limit. */
export class MllpFramer {
  #carry: Buffer = EMPTY;
  #isInside = false;
  #garbage = 0;

  push(chunk: Buffer): { frames: Buffer[]; isBroken: boolean } {
    let data = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const frames: Buffer[] = [];
    for (;;) {
      if (!this.#isInside) {
        const start = data.indexOf(START);
        this.#garbage += start === -1 ? data.length : start;
        if (this.#garbage > MLLP_GARBAGE_BYTES_MAX) return { frames, isBroken: true };
        data = start === -1 ? EMPTY : data.subarray(start + 1);
        if (start === -1) break;
        this.#isInside = true;
      }
      const end = data.indexOf(END);
      if ((end === -1 ? data.length : end) > MLLP_MESSAGE_BYTES_MAX) return { frames, isBroken: true };
      if (end === -1) break;
      frames.push(data.subarray(0, end));
      data = data.subarray(end + END.length);
      this.#isInside = false;
      this.#garbage = 0;
    }
    this.#carry = data;
    return { frames, isBroken: false };
  }

  /** A message without its end was not whole, and was not acknowledged: its sender has it still. */
  end(): Buffer | null {
    return null;
  }
}
