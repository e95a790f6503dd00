import { type Hash, createHash } from 'node:crypto';
import type { SourceMark } from '#ledger';
import type { Beginning } from './stream-identity.ts';
import type { Item } from './read/reader.ts';

/** The beginning of a source is not what its mark says: it is another source. */
export class PrefixChanged extends Error {
  readonly sourceId: string;

  constructor(sourceId: string) {
    super('the beginning of the source has changed');
    this.sourceId = sourceId;
  }
}

/** Hexadecimal digits by which a record at the end of a source is known again. */
const FINGERPRINT_CHARS = 16;

/** What the `state` of a mark holds. */
export interface MarkState {
  /** What the reader needs to go on at the mark's offset. */
  reader: string | null;
  /**
   * Fingerprints of records in the ledger that stand behind the mark's offset. The end of a source may be the middle of a
   * record that is still being written; such a record is read again, and passed over when it is still the same.
   */
  tail: readonly string[];
  /** Of a stream: hashes of its first bytes, by which a later one is told to be the same. */
  beginnings: readonly Beginning[];
}

const TAIL_KEY = '{"tail":';

export function encodeState({ reader, tail, beginnings }: MarkState): string | null {
  if (beginnings.length > 0) return JSON.stringify({ tail, reader, beginnings });
  return tail.length === 0 ? reader : JSON.stringify({ tail, reader });
}

export function decodeState(state: string | null): MarkState {
  if (state?.startsWith(TAIL_KEY) !== true) return { reader: state, tail: [], beginnings: [] };
  return { beginnings: [], ...(JSON.parse(state) as Omit<MarkState, 'beginnings'>) };
}

export function fingerprintOf(raw: Buffer): string {
  return createHash('sha256').update(raw).digest('hex').slice(0, FINGERPRINT_CHARS);
}

/** Passes over the records that an earlier run made durable. */
export class KnownRecords {
  readonly #from: SourceMark | null;
  readonly #tail: readonly string[];
  readonly #binary: Hash | null;
  #tailAt = 0;
  #isCounting: boolean;
  #isTail: boolean;

  constructor(from: SourceMark | null, isBinary: boolean) {
    this.#from = from;
    this.#tail = from === null ? [] : decodeState(from.state).tail;
    this.#binary = isBinary ? createHash('sha256') : null;
    this.#isCounting = isBinary && from !== null && from.records > 0;
    this.#isTail = this.#tail.length > 0;
  }

  /** Of a binary file, which is read from its beginning each time: the hash of the records that were counted in. */
  get recordsHash(): string | null {
    return this.#binary?.copy().digest('hex') ?? null;
  }

  /** Counts an item in that is going into a batch. */
  countIn(item: Item): void {
    this.#binary?.update(`${item.raw.length}\n`).update(item.raw);
  }

  /**
   * The items that are not in the ledger yet; `isEnd` for those of the end, which no later mark counts in.
   * @throws {PrefixChanged} when the records of a binary file are not those that were read before.
   */
  *fresh(items: Iterable<Item>, isEnd = false): Generator<Item> {
    for (const item of items) {
      if (this.#isCounting) this.#count(item);
      else if (!this.#isTail || !this.#isTailItem(item)) yield item;
      else if (!isEnd) this.countIn(item);
    }
  }

  /** @throws {PrefixChanged} when a binary file ended before the records that were read before. */
  end(): void {
    if (this.#isCounting && this.#from !== null) throw new PrefixChanged(this.#from.sourceId);
  }

  #count(item: Item): void {
    const from = this.#from;
    this.countIn(item);
    if (from === null || item.record + 1 < from.records) return;
    if (this.recordsHash !== from.prefixHash) throw new PrefixChanged(from.sourceId);
    this.#isCounting = false;
  }

  #isTailItem({ raw, part }: Item): boolean {
    if (part > 0) return true;
    this.#isTail = this.#tailAt < this.#tail.length && this.#tail[this.#tailAt] === fingerprintOf(raw);
    this.#tailAt += 1;
    return this.#isTail;
  }
}
