import { type Hash, createHash } from 'node:crypto';

/** SHA-256 of the bytes in front of a moving offset; bytes behind it wait, at most a record of them. */
export class PrefixHash {
  readonly #hash: Hash = createHash('sha256');
  readonly #waiting: Buffer[] = [];
  #offset = 0;

  /** Bytes as they are read, in order. */
  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
  }

  /** Moves the offset forward over bytes that were pushed. */
  advanceTo(offset: number): void {
    let length = offset - this.#offset;
    this.#offset = offset;
    while (length > 0) {
      const first = this.#waiting[0];
      if (first === undefined) throw new RangeError('the offset lies behind the bytes that were read');
      if (first.length > length) this.#waiting[0] = first.subarray(length);
      else this.#waiting.shift();
      this.#hash.update(first.subarray(0, length));
      length -= Math.min(length, first.length);
    }
  }

  /** The hash (hex) of all bytes in front of the offset. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
