import {
  BatchAreas,
  BatchPacker,
  type EntryContext,
  type Item,
  MemberReader,
  type OcsfEvent,
  REJECTED_FORMAT,
  type RawPolicies,
  type Shape,
  type Source,
  entryOf,
  sourcesFor,
} from '#ingest';
import { APPEND_BYTES_MAX, APPEND_ENTRIES_MAX } from '#ledger';
import { HEAD_BYTES_MAX, OFFSETS_PER_JOB, READERS_MAX } from '../limits.ts';
import type { RecordNote, Tap } from '../types.ts';
import { GapTracker } from './gaps.ts';
import type { JobResult, MapJob, Mapped } from './types.ts';

const NO_FIELDS = null;
const REJECTED_LABEL = 'rejected:';
/** Times that somebody assumed say nothing of the sender's clock. */
const UNSURE_LABELS: ReadonlySet<string> = new Set(['time:received', 'time:zone-assumed', 'time:year-assumed']);
/** Files bring what is old; they say nothing of a clock. */
const FILE_LABEL = 'transport:file';

/** What is kept of one source between submissions. */
interface Reading {
  sources: readonly Source[];
  /** Null where only whole documents can be read: tables, binary files. */
  reader: MemberReader | null;
  messages: MemberReader | null;
  gaps: GapTracker;
}

/** Turns groups of submissions into packed entries; runs in the mapping thread. */
export class Mapper {
  readonly #raw: RawPolicies;
  readonly #tap: Tap | null;
  readonly #packer = new BatchPacker(new BatchAreas([]));
  readonly #readings = new Map<string, Reading>();
  #tapped: [number, unknown][] = [];

  constructor(options: { raw: RawPolicies; tap: Tap | null }) {
    this.#raw = options.raw;
    this.#tap = options.tap;
  }

  map(bytes: Uint8Array, jobs: readonly MapJob[]): Mapped {
    this.#tapped = [];
    const results = jobs.map((job) => {
      const own = Buffer.from(bytes.buffer, bytes.byteOffset + job.start, job.end - job.start);
      return this.#job(own, job);
    });
    const { heads, own } = this.#packer.take();
    return { heads, own, jobs: results, tapped: this.#tapped };
  }

  #job(bytes: Buffer, job: MapJob): JobResult {
    const result: JobResult = { entries: 0, rejects: {}, gaps: 0, offsets: [], isTooLarge: false };
    const reading = this.#readingOf(job);
    const startBytes = this.#packer.bytes;
    let note: RecordNote | null = null;
    const onRecord = (n: number): void => void (note = job.notes[n] ?? null);
    onRecord(0);
    const hinted = (format: string): Reading => this.#readingOf({ ...job, format });
    for (const item of itemsOf(bytes, job, { reading, hinted, onRecord })) {
      this.#item(item, { job, result, reading, note });
      if (result.entries <= APPEND_ENTRIES_MAX && this.#packer.bytes - startBytes <= APPEND_BYTES_MAX) continue;
      result.isTooLarge = true;
      break;
    }
    return result;
  }

  #item(
    item: Item,
    { job, result, reading, note }: { job: MapJob; result: JobResult; reading: Reading; note: RecordNote | null },
  ): void {
    const { receivedMs, zone, labels, sourceId } = job;
    const time = { receivedMs, referenceMs: receivedMs, zone, year: undefined };
    const position = { file: `live:${sourceId}`, member: null, record: item.record, offset: item.offset };
    const { entry, event } = entryOf(item, position, { time, raw: this.#raw, labels, tags: tagsOf(note) });
    const isRejected = event.metadata.log_format === REJECTED_FORMAT;
    if (isRejected) countReject(event, result.rejects);
    else sampleOffset(event, job, result.offsets);
    const fields = isRejected || !('family' in item.parsed) ? NO_FIELDS : item.parsed.fields;
    if (fields !== null) result.gaps += reading.gaps.note(fields);
    const family = 'family' in item.parsed ? item.parsed.family : '';
    const said = this.#observe({ family, fields, event });
    if (said !== null) this.#tapped.push([this.#packer.count, said]);
    this.#packer.add(entry);
    result.entries += 1;
  }

  /** A tap that throws breaks its promise; the record goes on without it. */
  #observe(record: Parameters<Tap['observe']>[0]): unknown {
    if (this.#tap === null) return null;
    try {
      return this.#tap.observe(record) ?? null;
    } catch {
      return null;
    }
  }

  /** Formats are recognised by the record; what a source sent last is tried first. */
  #readingOf({ sourceId, format }: Pick<MapJob, 'sourceId' | 'format'>): Reading {
    const key = `${sourceId} ${format}`;
    const known = this.#readings.get(key);
    if (known !== undefined) {
      this.#readings.delete(key);
      this.#readings.set(key, known);
      return known;
    }
    const reading = newReading(format);
    this.#readings.set(key, reading);
    for (const oldest of this.#readings.keys()) {
      if (this.#readings.size <= READERS_MAX) break;
      this.#readings.delete(oldest);
    }
    return reading;
  }
}

function newReading(format: string): Reading {
  const sources = sourcesFor(format);
  const lines = sources.filter(({ shape }) => shape === 'json' || shape === 'line' || shape === 'xml');
  const message = sources.find((source) => source.shape === 'message');
  const reader = lines.length === 0 ? null : readerOf(sources, { kind: 'lines' });
  const messages = message === undefined ? null : readerOf(sources, { kind: 'message', source: message });
  return { sources, reader, messages, gaps: new GapTracker() };
}

function readerOf(sources: readonly Source[], shape: Shape): MemberReader {
  return new MemberReader('live', Buffer.alloc(0), { sources, shape });
}

interface Cutting {
  reading: Reading;
  /** A reading of one format alone. */
  hinted: (format: string) => Reading;
  /** Told which of the records the items that follow are of. */
  onRecord: (n: number) => void;
}

function tagsOf(note: RecordNote | null): EntryContext['tags'] {
  return note?.tags.map((tag) => ({ ...tag }));
}

function* itemsOf(
  bytes: Buffer,
  { framing, lengths, notes, format }: MapJob,
  { reading, hinted, onRecord }: Cutting,
): Generator<Item> {
  const { reader } = reading;
  if (framing === 'lines' && reader !== null) yield* reader.block(bytes, 0);
  else if (framing === 'record') yield* oneOf(bytes, 0, reading);
  else if (framing === 'records') {
    let at = 0;
    for (const [n, length] of (lengths ?? []).entries()) {
      if (notes.length > 1) onRecord(n);
      const own = bytes.subarray(at, at + length);
      const hint = format === 'auto' ? (notes[n]?.format ?? null) : null;
      yield* (hint === null ? null : understood(oneOf(own, at, hinted(hint)))) ?? oneOf(own, at, reading);
      at += length;
    }
  } else yield* documentOf(bytes, reading);
}

/** The items of a record that was read as the format it is said to be of; null where it is not of that. */
function understood(items: Iterable<Item>): Item[] | null {
  const all = [...items];
  return all.length > 0 && all.every(({ parsed }) => 'family' in parsed) ? all : null;
}

function oneOf(bytes: Buffer, offset: number, reading: Reading): Iterable<Item> {
  if (bytes.length === 0) return [];
  const { reader, messages } = reading;
  if (messages !== null && (reader === null || bytes.toString('latin1', 0, 3) === 'MSH'))
    return messages.one(bytes, offset);
  return reader === null ? documentOf(bytes, reading) : reader.one(bytes, offset);
}

/** A document by itself: an array, a table with its header, a binary file. */
function* documentOf(bytes: Buffer, { sources }: Reading): Generator<Item> {
  const reader = new MemberReader('live', bytes.subarray(0, HEAD_BYTES_MAX), { sources });
  const text = reader.encoding === 'utf-8' ? bytes : Buffer.from(new TextDecoder(reader.encoding).decode(bytes));
  yield* reader.each(text);
  yield* reader.end();
}

function countReject(event: OcsfEvent, rejects: Record<string, number>): void {
  const label = event.metadata.labels?.find((one) => one.startsWith(REJECTED_LABEL));
  const code = label?.slice(REJECTED_LABEL.length) ?? 'other';
  rejects[code] = (rejects[code] ?? 0) + 1;
}

function sampleOffset(event: OcsfEvent, { receivedMs, labels }: MapJob, offsets: number[]): void {
  if (offsets.length >= OFFSETS_PER_JOB || labels.includes(FILE_LABEL)) return;
  if (event.metadata.labels?.some((label) => UNSURE_LABELS.has(label)) === true) return;
  offsets.push(receivedMs - event.time);
}
