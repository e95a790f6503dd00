import { createHash } from 'node:crypto';
import { type Clock, WardkeepError, messageOf } from '#kernel';
import type { SourceMark } from '#ledger';
import { type Member, listFiles, openFile, openStream } from './containers/open.ts';
import type { IngestError } from './errors.ts';
import { eventOf } from './normalise.ts';
import { type BatchCounts, type PackEntry, type PackedBatch, packEntries } from './packed-batch.ts';
import { patientView } from './patient-view.ts';
import { toUtf8 } from './read/encoding.ts';
import { PrefixHash } from './read/prefix-hash.ts';
import { type Item, MemberReader } from './read/reader.ts';
import { type Resumption, resumptionOf } from './resume.ts';
import { retentionOf } from './retention.ts';
import type { Source } from './source.ts';

/** Records a batch; a chunk of very short lines becomes several. */
export const BATCH_RECORDS_MAX = 16_384;

/** Source name, or `default`, → keep all of a record as received, or its SHA-256 alone. */
export type RawPolicies = Readonly<Record<string, 'full' | 'hash'>>;

const NOTHING = new Uint8Array(0);

export interface ProduceOptions {
  /** Files and folders; empty when `stdin` is read. */
  paths: readonly string[];
  stdin?: AsyncIterable<Buffer>;
  sources: readonly Source[];
  zone: string | undefined;
  year: number | undefined;
  /** Source name or `default` → what is kept of its records as received. */
  raw: RawPolicies;
  clock: Clock;
  marks: ReadonlyMap<string, SourceMark>;
}

/** What reading gives, in order. `problem`: a file or member could not be read (to its end); reading goes on with the next. */
export type Produced =
  | { kind: 'batch'; batch: PackedBatch }
  | { kind: 'notice'; file: string; member: string | null; text: string }
  | { kind: 'problem'; file: string; member: string | null; code: string; text: string; advice: string | undefined };

/** Reads everything under the given paths to packed batches. Never throws for a single file: that is a `problem`. */
export async function* produce(options: ProduceOptions): AsyncGenerator<Produced> {
  if (options.stdin !== undefined) {
    yield* guarded('-', openStream(options.stdin, options.clock.nowMs()), options, new Set());
    return;
  }
  const skipped: IngestError[] = [];
  const files = await listFiles(options.paths, (error) => skipped.push(error));
  for (const error of skipped) yield problem(error, error.message.split(' ')[0] ?? '', null);
  for (const file of files) yield* produceFile(file, options);
}

class PrefixChanged extends Error {
  readonly sourceId: string;

  constructor(sourceId: string) {
    super('the beginning of the source has changed');
    this.sourceId = sourceId;
  }
}

/** A changed prefix is found behind its beginning; the file is then read again with that member as a new source. */
async function* produceFile(file: string, options: ProduceOptions): AsyncGenerator<Produced> {
  const changed = new Set<string>();
  const done = new Set<string>();
  for (;;) {
    try {
      yield* guarded(file, openFile(file), options, changed, done);
      return;
    } catch (error) {
      if (!(error instanceof PrefixChanged) || changed.has(error.sourceId)) throw error;
      changed.add(error.sourceId);
    }
  }
}

async function* guarded(
  file: string,
  members: AsyncIterable<Member>,
  options: ProduceOptions,
  changed: ReadonlySet<string>,
  done: Set<string> = new Set(),
): AsyncGenerator<Produced> {
  let current: Member | null = null;
  try {
    for await (const member of members) {
      current = member;
      const name = member.member ?? '';
      if (done.has(name)) continue;
      yield* produceMember(member, resumptionOf(member, options.marks, changed), options);
      done.add(name);
    }
  } catch (error) {
    if (error instanceof PrefixChanged) throw error;
    yield problem(error, file, current?.member ?? null);
  }
}

function problem(error: unknown, file: string, member: string | null): Produced {
  const known = error instanceof WardkeepError ? error : null;
  return {
    kind: 'problem',
    file,
    member,
    code: known?.code ?? 'failed',
    text: messageOf(error),
    advice: known?.advice,
  };
}

async function* produceMember(
  member: Member,
  resumption: Resumption,
  options: ProduceOptions,
): AsyncGenerator<Produced> {
  const { file, member: name } = member;
  const { from } = resumption;
  // A binary file is read from its beginning each time; records that are in the ledger already are passed over.
  const binary = from !== null && from.offset === 0 ? from.records : 0;
  const reader = new MemberReader(name ?? file, member.head, {
    sources: options.sources,
    ...(from !== null && from.offset > 0 ? { resume: from } : {}),
  });
  const hash = new PrefixHash();
  let skip = from?.offset ?? 0;
  let fresh = false;
  for await (const chunk of toUtf8(member.bytes, reader.encoding)) {
    hash.push(chunk);
    const already = Math.min(skip, chunk.length);
    skip -= already;
    if (already > 0 && skip > 0) continue;
    if (already > 0 && from !== null && hash.advanceTo(from.offset) !== from.prefixHash)
      throw new PrefixChanged(from.sourceId);
    const rest = chunk.subarray(already);
    if (rest.length === 0) continue;
    fresh = true;
    yield* batches(reader.push(rest), { member, resumption, options, reader, hash, skipRecords: binary });
  }
  if (skip > 0 && from !== null) throw new PrefixChanged(from.sourceId);
  const rest = reader.end();
  if (from !== null && !fresh) {
    yield { kind: 'notice', file, member: name, text: 'already in the ledger, nothing new' };
    return;
  }
  yield* batches(rest, { member, resumption, options, reader, hash, skipRecords: binary });
}

interface BatchContext {
  member: Member;
  resumption: Resumption;
  options: ProduceOptions;
  reader: MemberReader;
  hash: PrefixHash;
  skipRecords: number;
}

/** Batches for what a chunk gave. The mark of each covers exactly its records, so both become durable or neither. */
function* batches(items: readonly Item[], context: BatchContext): Generator<Produced> {
  const { reader, hash, member, resumption } = context;
  const binary = reader.shape.kind === 'binary';
  const wanted = context.skipRecords === 0 ? items : items.filter((item) => item.record >= context.skipRecords);
  for (let start = 0; start < wanted.length; start += BATCH_RECORDS_MAX) {
    const slice = wanted.slice(start, start + BATCH_RECORDS_MAX);
    const next = wanted[start + BATCH_RECORDS_MAX];
    const offset = binary ? 0 : (next?.offset ?? reader.consumed);
    const mark: SourceMark = {
      sourceId: resumption.sourceId,
      headHash: resumption.headHash,
      offset,
      records: next?.record ?? reader.records,
      prefixHash: binary ? null : hash.advanceTo(offset),
      state: reader.state(),
    };
    const bytes = slice.reduce((sum, item) => sum + item.raw.length + 1, 0);
    yield { kind: 'batch', batch: pack(slice, mark, bytes, member, context.options) };
  }
}

function pack(
  items: readonly Item[],
  mark: SourceMark,
  bytes: number,
  member: Member,
  options: ProduceOptions,
): PackedBatch {
  const receivedMs = options.clock.nowMs();
  const { file } = member;
  const counts: BatchCounts = { events: 0, bySource: {}, rejected: {}, timeless: 0 };
  const time = { receivedMs, zone: options.zone, year: options.year, referenceMs: member.modifiedMs };
  const entries: PackEntry[] = [];
  for (const item of items) {
    const position = { file, member: member.member, record: item.record, offset: item.offset };
    const name = item.source?.name ?? 'unknown';
    const event = eventOf(item, position, { ...time, format: name });
    const hashOnly = (options.raw[name] ?? options.raw['default']) === 'hash' && item.source !== null;
    if (hashOnly) event['raw_data_hash'] = fingerprintOf(item.raw);
    count(counts, item, event.metadata.labels);
    const view = patientView(event);
    entries.push({
      classUid: event.class_uid,
      retention: retentionOf(event),
      normal: JSON.stringify(event),
      raw: hashOnly ? NOTHING : item.raw,
      patient: view === null ? null : JSON.stringify(view),
    });
  }
  return { file, member: member.member, mark, bytes, counts, ...packEntries(entries) };
}

/** OCSF `fingerprint`: algorithm 3 is SHA-256. */
function fingerprintOf(raw: Buffer) {
  return { algorithm_id: 3, algorithm: 'SHA-256', value: createHash('sha256').update(raw).digest('hex') };
}

function count(counts: BatchCounts, item: Item, labels: readonly string[] | undefined): void {
  const name = item.source?.name ?? 'unknown';
  if ('reject' in item.parsed || item.source === null) {
    const code = 'reject' in item.parsed ? item.parsed.reject : 'unknown_format';
    counts.rejected[code] = (counts.rejected[code] ?? 0) + 1;
    return;
  }
  counts.events += 1;
  counts.bySource[name] = (counts.bySource[name] ?? 0) + 1;
  if (labels?.includes('time:received') === true) counts.timeless += 1;
}
