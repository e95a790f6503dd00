import { type Hash, createHash } from 'node:crypto';

/** SHA-256 of the bytes in front of a moving offset, while bytes behind it wait to be consumed. */
export class PrefixHash {
  readonly #hash: Hash = createHash('sha256');
  #tail: Buffer = Buffer.alloc(0);
  #hashed = 0;

  /** Bytes as they are read, in order. */
  push(chunk: Buffer): void {
    this.#tail = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
  }

  /** Moves the offset forward; returns the hash (hex) of all bytes in front of it. */
  advanceTo(offset: number): string {
    const length = offset - this.#hashed;
    this.#hash.update(this.#tail.subarray(0, length));
    this.#tail = this.#tail.subarray(length);
    this.#hashed = offset;
    return this.#hash.copy().digest('hex');
  }
}
