import { createHash, hash } from 'node:crypto';

/** From this size on a streaming hash costs no more than a copy behind its prefix. */
const COPY_BYTES_MAX = 64 * 1024;

/** SHA-256 of `source` written at `target[at..at+32]`. The detour over latin1 is three times faster than a Buffer. */
export function sha256Into(source: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', source, 'binary'), at, 32, 'latin1');
}

/** A scratch area for hashing `prefix ‖ bytes` many times without an allocation for each. */
export class PrefixedHash {
  readonly #prefixBytes: number;
  readonly #scratch: Buffer;
  /** The prefix alone: what an empty part hashes. */
  readonly #prefix: Buffer;

  constructor(prefixBytes: number) {
    this.#prefixBytes = prefixBytes;
    this.#scratch = Buffer.alloc(prefixBytes + COPY_BYTES_MAX);
    this.#prefix = this.#scratch.subarray(0, prefixBytes);
  }

  /** The area of the prefix, to be filled before `into`. */
  get prefix(): Buffer {
    return this.#scratch;
  }

  /** SHA-256(prefix ‖ source[from..to]) written at `target[at..at+32]`. */
  into(source: Buffer, from: number, to: number, target: Buffer, at: number): void {
    if (from === to) {
      sha256Into(this.#prefix, target, at);
      return;
    }
    if (to - from > COPY_BYTES_MAX) {
      const stream = createHash('sha256').update(this.#prefix);
      stream.update(source.subarray(from, to)).digest().copy(target, at);
      return;
    }
    source.copy(this.#scratch, this.#prefixBytes, from, to);
    sha256Into(this.#scratch.subarray(0, this.#prefixBytes + to - from), target, at);
  }
}
