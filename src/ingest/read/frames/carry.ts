const EMPTY = Buffer.alloc(0);

/**
 * Bytes that wait for the rest of their record. Adding to them costs what is added, however long they have become: room
 * doubles when it is used up. Views that were given out stay as they are.
 */
export class Carry {
  #store: Buffer = EMPTY;
  #from = 0;
  #to = 0;
  /** Whether the store is ours to write into; a first chunk is taken as it is. */
  #isOwn = false;

  get length(): number {
    return this.#to - this.#from;
  }

  /** All of them, as a view. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#from, this.#to);
  }

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.#store = chunk;
      this.#from = 0;
      this.#to = chunk.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.#to + chunk.length > this.#store.length) this.#grow(chunk.length);
    chunk.copy(this.#store, this.#to);
    this.#to += chunk.length;
  }

  /** Lets go of the first `length` bytes. */
  drop(length: number): void {
    this.#from += length;
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafe((this.length + more) * 2);
    this.#store.copy(grown, 0, this.#from, this.#to);
    this.#to = this.length;
    this.#from = 0;
    this.#store = grown;
    this.#isOwn = true;
  }
}
