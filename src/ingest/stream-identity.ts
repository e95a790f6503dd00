import { type Hash, createHash } from 'node:crypto';
import type { SourceMark } from '#ledger';
import { HEAD_BYTES } from './containers/open.ts';
import { decodeState } from './known-records.ts';

/** SHA-256 (hex) of so many first bytes of a stream. */
export type Beginning = readonly [length: number, hash: string];

const BEGINNING_BYTES_MIN = 64;

/**
 * Hashes of the first 64, 128, 256 … 65,536 bytes of a stream as they pass. By them a later stream is told from this one as
 * soon as it differs, however slowly it comes.
 */
export class Beginnings {
  readonly #hash: Hash = createHash('sha256');
  readonly #done: Beginning[] = [];
  #length = 0;
  #next = BEGINNING_BYTES_MIN;

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && this.#next <= HEAD_BYTES) {
      const some = rest.subarray(0, this.#next - this.#length);
      this.#hash.update(some);
      this.#length += some.length;
      rest = rest.subarray(some.length);
      if (this.#length < this.#next) continue;
      this.#done.push([this.#length, this.#hash.copy().digest('hex')]);
      this.#next *= 2;
    }
  }

  /** Those of the first `offset` bytes: of what is durable, no more. */
  upTo(offset: number): Beginning[] {
    return this.#done.filter(([length]) => length <= offset);
  }
}

/** Whether a stream that begins with `head` is the one of the mark; `open`: alike so far, and too little to tell. */
export function compareStream(head: Buffer, mark: SourceMark): 'same' | 'other' | 'open' {
  // Text that is transcoded and binary files are known by their first 64 KiB alone.
  if (head.includes(0) || mark.prefixHash === null || mark.offset === 0)
    return sha256(head) === mark.headHash ? 'same' : 'other';
  const known: Beginning[] = [...decodeState(mark.state).beginnings];
  if (mark.offset <= HEAD_BYTES) known.push([mark.offset, mark.prefixHash]);
  // A mark of before there were beginnings.
  else if (known.length === 0) known.push([HEAD_BYTES, mark.headHash]);
  const isOther = known.some(([length, hash]) => length <= head.length && sha256(head.subarray(0, length)) !== hash);
  if (isOther) return 'other';
  return known.every(([length]) => length <= head.length) ? 'same' : 'open';
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
