import { IngestError } from '../errors.ts';
import { EXPANDED_BYTES_MAX, EXPANSION_RATIO_MAX, RATIO_FREE_BYTES } from './limits.ts';

/** Counts what one input file expands to, over all of its members and layers, and stops a bomb. */
export class ExpansionBudget {
  readonly #inputBytes: number;
  #expandedBytes = 0;

  /** `inputBytes` is the size of the file on disk; Infinity for a stream, which then has the absolute limit alone. */
  constructor(inputBytes: number) {
    this.#inputBytes = inputBytes;
  }

  /** @throws {IngestError} `archive_bomb` */
  spend(bytes: number): void {
    this.#expandedBytes += bytes;
    const ratioLimit = Math.max(RATIO_FREE_BYTES, this.#inputBytes * EXPANSION_RATIO_MAX);
    if (this.#expandedBytes <= ratioLimit && this.#expandedBytes <= EXPANDED_BYTES_MAX) return;
    throw new IngestError(
      'archive_bomb',
      `the archive expands beyond its limits (over ${EXPANSION_RATIO_MAX} times its size, or over ${EXPANDED_BYTES_MAX} bytes)`,
      { advice: 'what came before was read; if the file is genuine, unpack it and give Wardkeep the folder' },
    );
  }

  async *meter(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      this.spend(chunk.length);
      yield chunk;
    }
  }
}
