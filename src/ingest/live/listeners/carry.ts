const EMPTY = Buffer.alloc(0);

/**
 * What a stream has left over at the end of a chunk, until more comes. It grows by doubling, so that a frame that comes in
 * many small pieces is copied a few times and not once a piece: a peer that sends one byte at a time costs no more than its
 * bytes. What is cut off and given away is never written again.
 */
export class Carry {
  #bytes: Buffer = EMPTY;
  #length = 0;

  /** All that was left over, and the chunk behind it. Good until the next `keep`, but for what was cut off before it. */
  followedBy(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(2 * length);
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    return this.#bytes.subarray(0, length);
  }

  /** Keeps what stands in `data`, as it was given last, from `from` on. */
  keep(data: Buffer, from: number): void {
    const isOurs = this.#length > 0;
    this.#length = data.length - from;
    if (this.#length === 0) this.#bytes = EMPTY;
    // A copy of its own: a few bytes must not hold the 64 KiB of the chunk that they came in.
    else if (!isOurs || from > 0) this.#bytes = Buffer.from(data.subarray(from));
  }

  /** What is left over, given away. */
  take(): Buffer {
    const rest = this.#bytes.subarray(0, this.#length);
    this.#bytes = EMPTY;
    this.#length = 0;
    return rest;
  }
}
