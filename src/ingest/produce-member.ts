import type { Clock } from '#kernel';
import type { SourceMark } from '#ledger';
import type { Member } from './containers/open.ts';
import type { BatchAreas } from './batch-areas.ts';
import { type RawPolicies, entryOf } from './entry.ts';
import { IngestError } from './errors.ts';
import { KnownRecords, PrefixChanged, decodeState, encodeState, fingerprintOf } from './known-records.ts';
import { REJECTED_FORMAT } from './normalise.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { type BatchCounts, BatchPacker, type PackedBatch } from './packed-batch.ts';
import { toUtf8 } from './read/encoding.ts';
import { PrefixHash } from './read/prefix-hash.ts';
import { type Item, MemberReader } from './read/reader.ts';
import { type Resumption, isStream } from './resume.ts';
import type { Source } from './source.ts';
import type { NativeFields } from './types.ts';
import { Beginnings } from './stream-identity.ts';

/** Records a batch, from which it is closed; a chunk of very short lines becomes several. */
export const BATCH_RECORDS_MAX = 16_384;
/** Bytes of a batch's entries, from which it is closed. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** What a reader may need to go on, in characters; a table whose header is longer cannot be read. */
const STATE_CHARS_MAX = 128 * 1024;

export interface MemberOptions {
  sources: readonly Source[];
  zone: string | undefined;
  year: number | undefined;
  /** Source name or `default` → what is kept of its records as received. */
  raw: RawPolicies;
  clock: Clock;
  areas: BatchAreas;
  /** Added to each event's labels. */
  labels?: readonly string[];
  /** Told of each record, with its place in the batch. */
  observe?: (record: Observed, place: number) => void;
}

/** A record while it is an object. */
export interface Observed {
  family: string;
  /** The source's own field names; null for what did not parse. */
  fields: NativeFields | null;
  event: OcsfEvent;
}

/** `known`: all of the member is in the ledger already. */
export type MemberBatch = PackedBatch | 'known';

/**
 * What is new in one member, as batches. The mark of each covers exactly the records up to its end, so that both become
 * durable or neither.
 * @throws {PrefixChanged} before the first batch, when the member does not begin as the mark says.
 * @throws {IngestError} when the member cannot be read (to its end).
 */
export async function* produceMember(
  member: Member,
  resumption: Resumption,
  options: MemberOptions,
): AsyncGenerator<MemberBatch> {
  const reading = new MemberReading(member, resumption, options);
  let isKnown = resumption.from !== null;
  for await (const chunk of toUtf8(member.bytes, reading.reader.encoding)) {
    for (const batch of reading.chunk(chunk)) {
      isKnown = false;
      yield batch;
    }
  }
  for (const batch of reading.end()) {
    isKnown = false;
    yield batch;
  }
  if (isKnown) yield 'known';
}

class MemberReading {
  readonly reader: MemberReader;
  readonly #member: Member;
  readonly #resumption: Resumption;
  readonly #options: MemberOptions;
  readonly #isBinary: boolean;
  readonly #known: KnownRecords;
  readonly #hash = new PrefixHash();
  readonly #isStream: boolean;
  readonly #beginnings = new Beginnings();
  readonly #packer: BatchPacker;
  /** Bytes in front of the mark that are still to come. */
  #before: number;

  constructor(member: Member, resumption: Resumption, options: MemberOptions) {
    const { from } = resumption;
    this.#member = member;
    this.#resumption = resumption;
    this.#options = options;
    this.#packer = new BatchPacker(options.areas);
    const resume = from === null ? {} : { resume: { ...from, state: decodeState(from.state).reader } };
    this.reader = new MemberReader(member.member ?? member.file, member.head, { sources: options.sources, ...resume });
    this.#isStream = isStream(member) && this.reader.encoding === 'utf-8';
    this.#isBinary = this.reader.shape.kind === 'binary';
    this.#known = new KnownRecords(from, this.#isBinary);
    this.#before = from?.offset ?? 0;
    // Records in front of offset 0 are those of a binary file, which has no other offset.
    if (from !== null && (from.offset > 0 ? this.#isBinary : !this.#isBinary && from.records > 0))
      throw new PrefixChanged(from.sourceId);
  }

  chunk(chunk: Buffer): Iterable<PackedBatch> {
    if (this.#isBinary) return this.#batches(this.reader.each(chunk));
    this.#hash.push(chunk);
    if (this.#isStream) this.#beginnings.push(chunk);
    const already = Math.min(this.#before, chunk.length);
    if (already > 0) this.#passOver(already);
    const rest = chunk.subarray(already);
    if (rest.length === 0) return [];
    const batches = this.#batches(this.reader.each(rest));
    return this.#settled(batches);
  }

  /** Lets go of bytes that gave no record: of a line without an end only its place is kept. */
  *#settled(batches: Iterable<PackedBatch>): Generator<PackedBatch> {
    yield* batches;
    this.#hash.advanceTo(this.reader.consumed);
  }

  #passOver(length: number): void {
    const { from } = this.#resumption;
    this.#before -= length;
    this.#hash.advanceTo((from?.offset ?? 0) - this.#before);
    if (this.#before === 0 && from !== null && this.#hash.digest() !== from.prefixHash)
      throw new PrefixChanged(from.sourceId);
  }

  /** What stands at the end may be half a record, so that the mark stays in front of it. */
  end(): Iterable<PackedBatch> {
    const { from } = this.#resumption;
    if (this.#before > 0 && from !== null) throw new PrefixChanged(from.sourceId);
    const place = { offset: this.reader.consumed, records: this.reader.records, state: this.reader.state() };
    const items = this.reader.end();
    const fresh = [...this.#known.fresh(items, true)];
    this.#known.end();
    const tailBefore = items
      .slice(0, items.length - fresh.length)
      .filter(isWhole)
      .map(({ raw }) => fingerprintOf(raw));
    return this.#tailBatches(fresh, place, tailBefore);
  }

  *#tailBatches(items: readonly Item[], place: Place, tail: string[]): Generator<PackedBatch> {
    const { offset, records, state } = place;
    const isBinary = this.#isBinary;
    if (!isBinary && items.length > 0) this.#hash.advanceTo(offset);
    for (const slice of this.#slices(items)) {
      for (const raw of slice.raws) tail.push(fingerprintOf(raw));
      yield this.#pack(slice, {
        offset: isBinary ? 0 : offset,
        records,
        state: encodeState({ reader: state, tail, beginnings: [] }),
      });
    }
  }

  *#batches(all: Iterable<Item>): Generator<PackedBatch> {
    for (const slice of this.#slices(this.#known.fresh(all), this.#isBinary)) {
      const next = slice.next;
      const offset = this.#isBinary ? 0 : (next?.frameOffset ?? this.reader.consumed);
      if (!this.#isBinary) this.#hash.advanceTo(offset);
      const records = next?.record ?? this.reader.records;
      yield this.#pack(slice, { offset, records, state: next === undefined ? this.reader.state() : next.state });
    }
  }

  /** Records in batches; those of one frame stay together, since reading can only go on behind a whole frame. */
  *#slices(items: Iterable<Item>, isCounted = false): Generator<Slice> {
    let slice = this.#newSlice();
    for (const item of items) {
      const isFull = this.#packer.count >= BATCH_RECORDS_MAX || this.#packer.bytes >= BATCH_BYTES_MAX;
      if (isFull && isWhole(item)) {
        yield { ...slice, next: item };
        slice = this.#newSlice();
      }
      if (isCounted) this.#known.countIn(item);
      this.#add(slice, item);
    }
    if (this.#packer.count > 0) yield slice;
  }

  #newSlice(): Slice {
    const counts = { events: 0, bySource: {}, rejected: {}, timeless: 0 };
    return { raws: [], bytes: 0, counts, receivedMs: this.#options.clock.nowMs(), next: undefined };
  }

  #add(slice: Slice, item: Item): void {
    const { zone, year, raw, labels, observe } = this.#options;
    const { file, member, modifiedMs } = this.#member;
    const time = { receivedMs: slice.receivedMs, zone, year, referenceMs: modifiedMs };
    const position = { file, member, record: item.record, offset: item.offset };
    const { entry, event } = entryOf(item, position, { time, raw, ...(labels === undefined ? {} : { labels }) });
    observe?.(observedOf(item, event), this.#packer.count);
    count(slice.counts, item, event);
    if (isWhole(item)) slice.raws.push(item.raw);
    slice.bytes += item.raw.length + 1;
    this.#packer.add(entry);
  }

  #pack({ bytes, counts }: Slice, place: Place): PackedBatch {
    const { sourceId, headHash } = this.#resumption;
    if ((place.state?.length ?? 0) > STATE_CHARS_MAX)
      throw new IngestError('unreadable', 'the header is too long to be kept for going on later');
    const prefixHash = this.#isBinary ? this.#known.recordsHash : this.#hash.digest();
    const mark: SourceMark = { sourceId, headHash, ...place, state: this.#stateAt(place), prefixHash };
    return { file: this.#member.file, member: this.#member.member, mark, bytes, counts, ...this.#packer.take() };
  }

  /** That of a stream says by which beginnings it is known again. */
  #stateAt({ offset, state }: Place): string | null {
    const beginnings = this.#isStream ? this.#beginnings.upTo(offset) : [];
    return beginnings.length === 0 ? state : encodeState({ ...decodeState(state), beginnings });
  }
}

/** Where reading can go on. */
type Place = Pick<SourceMark, 'offset' | 'records' | 'state'>;

interface Slice {
  /** The whole frames in it, as received. */
  raws: Buffer[];
  /** Decompressed bytes that it consumes. */
  bytes: number;
  counts: BatchCounts;
  receivedMs: number;
  /** The first item behind it. */
  next: Item | undefined;
}

/** Whether a frame begins with the item. */
function isWhole({ part }: Item): boolean {
  return part === 0;
}

function observedOf({ parsed }: Item, event: OcsfEvent): Observed {
  const isRecord = 'family' in parsed && event.metadata.log_format !== REJECTED_FORMAT;
  return { family: isRecord ? parsed.family : '', fields: isRecord ? parsed.fields : null, event };
}

function count(counts: BatchCounts, item: Item, event: OcsfEvent): void {
  const rejected = event.metadata.labels?.find((label) => label.startsWith('rejected:'));
  if (rejected !== undefined && event.metadata.log_format === REJECTED_FORMAT) {
    const code = rejected.slice('rejected:'.length);
    counts.rejected[code] = (counts.rejected[code] ?? 0) + 1;
    return;
  }
  const name = item.source?.name ?? 'unknown';
  counts.events += 1;
  counts.bySource[name] = (counts.bySource[name] ?? 0) + 1;
  if (event.metadata.labels?.includes('time:received') === true) counts.timeless += 1;
}
