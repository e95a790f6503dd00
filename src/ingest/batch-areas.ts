import { MIB } from '#kernel';

/** Room for the bytes of one batch; a batch that needs more gets a buffer of its own. Memory is used as far as it is filled. */
export const AREA_BYTES = 8 * MIB;

/**
 * Memory that both threads see and that batches use in turn. A buffer of its own for each batch would be as fast to make, but
 * V8 takes so many bytes outside of its heap for pressure, and marks the whole heap again and again.
 */
export class BatchAreas {
  /** To be handed to another thread once. */
  readonly buffers: readonly SharedArrayBuffer[];
  readonly #bytes: readonly Buffer<SharedArrayBuffer>[];
  readonly #free: number[];

  constructor(buffers: readonly SharedArrayBuffer[]) {
    this.buffers = buffers;
    this.#bytes = buffers.map((buffer) => Buffer.from(buffer));
    this.#free = buffers.map((_, number) => number);
  }

  static make(count: number): BatchAreas {
    return new BatchAreas(Array.from({ length: count }, () => new SharedArrayBuffer(AREA_BYTES)));
  }

  /** The number of an area that nobody else uses until it is given back; null when all are in use. */
  take(): number | null {
    return this.#free.pop() ?? null;
  }

  /** To be called by whoever took the area, when nobody looks at it any more. */
  give(area: number): void {
    this.#free.push(area);
  }

  bytes(area: number): Buffer<SharedArrayBuffer> {
    const bytes = this.#bytes[area];
    if (bytes === undefined) throw new RangeError(`there is no area ${area}`);
    return bytes;
  }
}
