import { type Clock, WardkeepError } from '#kernel';
import type { SourceMark } from '#ledger';
import { CAPTURE_NOTICE, isCapture } from './containers/capture.ts';
import { MemberFaults, isOfMemberAlone } from './containers/faults.ts';
import { type Member, listFiles, openFile, openStream } from './containers/open.ts';
import type { BatchAreas } from './batch-areas.ts';
import type { RawPolicies } from './entry.ts';
import { PrefixChanged } from './known-records.ts';
import type { PackedBatch } from './packed-batch.ts';
import { type MemberBatch, produceMember } from './produce-member.ts';
import { MarkBook } from './resume.ts';
import type { Source } from './source.ts';

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
  /** Where batches lie; whoever has used one up gives its area back. */
  areas: BatchAreas;
}

/** What reading gives, in order. `problem`: a file or member could not be read (to its end); reading goes on with the next. */
export type Produced =
  | { kind: 'batch'; batch: PackedBatch }
  | { kind: 'notice'; file: string; member: string | null; text: string }
  | { kind: 'problem'; file: string; member: string | null; code: string; text: string; advice: string | undefined };

/** What is read, and how its memory goes back. */
export interface Production {
  produced: AsyncGenerator<Produced>;
  /** To be called once for each batch, when nobody looks at its bytes any more. */
  release: (batch: PackedBatch) => void;
}

/**
 * Reads everything under the given paths to packed batches. Never throws for a single file: that is a `problem`.
 * @throws {IngestError} `unreadable` when a named path does not exist.
 */
export async function* produce(options: ProduceOptions): AsyncGenerator<Produced> {
  const reading: Reading = { options, book: new MarkBook(options.marks.values()) };
  if (options.stdin !== undefined) {
    yield* produceStream(options.stdin, reading);
    return;
  }
  const skipped: Produced[] = [];
  const files = await listFiles(options.paths, (error, path) => skipped.push(problem(error, path, null)));
  yield* skipped;
  for (const file of files) yield* produceFile(file, reading);
}

interface Reading {
  options: ProduceOptions;
  /** What was read before, in this run too. */
  book: MarkBook;
}

/** A changed prefix is found behind its beginning; the file is then read again with that member as a new source. */
async function* produceFile(file: string, reading: Reading): AsyncGenerator<Produced> {
  const refuted = new Set<string>();
  const done = new Set<string>();
  for (;;) {
    try {
      const skipped: Produced[] = [];
      const faults = new MemberFaults((error, member) => skipped.push(problem(error, file, member)));
      yield* guarded(file, openFile(file, faults.add), { ...reading, refuted, done, faults });
      faults.end();
      yield* skipped;
      return;
    } catch (error) {
      if (!(error instanceof PrefixChanged) || refuted.has(error.sourceId)) throw error;
      refuted.add(error.sourceId);
    }
  }
}

/** A stream cannot be read twice, so that a late difference from an earlier one has to be said. */
async function* produceStream(stream: AsyncIterable<Buffer>, reading: Reading): AsyncGenerator<Produced> {
  try {
    const members = openStream(stream, {
      receivedMs: reading.options.clock.nowMs(),
      isUndecided: (head) => reading.book.isUndecided(head),
    });
    yield* guarded('-', members, {
      ...reading,
      refuted: new Set(),
      done: new Set(),
      faults: new MemberFaults(() => undefined),
    });
  } catch (error) {
    if (!(error instanceof PrefixChanged)) throw error;
    yield {
      kind: 'problem',
      file: '-',
      member: null,
      code: 'changed',
      text: 'standard input begins like an earlier one and then differs, so that it cannot be told what of it is new',
      advice: 'save it and name the file',
    };
  }
}

interface FileReading extends Reading {
  /** Names of marks that turned out not to be about this file. */
  refuted: ReadonlySet<string>;
  /** Members that have been read. */
  done: Set<string>;
  faults: MemberFaults;
}

async function* guarded(
  file: string,
  members: AsyncIterable<Member>,
  { options, book, refuted, done, faults }: FileReading,
): AsyncGenerator<Produced> {
  let current: Member | null = null;
  const seen = new Map<string, number>();
  try {
    for await (const member of members) {
      current = member;
      // An archive may hold several members of one name: tar appends the newer version of a file.
      const count = (seen.get(member.member ?? '') ?? 0) + 1;
      seen.set(member.member ?? '', count);
      const name = `${count} ${member.member ?? ''}`;
      if (done.has(name)) continue;
      if (isCapture(member.head)) {
        yield { kind: 'notice', file: member.file, member: member.member, text: CAPTURE_NOTICE };
        done.add(name);
        continue;
      }
      try {
        for await (const batch of produceMember(member, book.find(member, refuted), options))
          yield produced(batch, member, book);
      } catch (error) {
        if (!isOfMemberAlone(error, member)) throw error;
        faults.add(error, member.member);
        continue;
      }
      done.add(name);
    }
  } catch (error) {
    if (error instanceof PrefixChanged) throw error;
    yield problem(error, file, current?.member ?? null);
  }
}

function produced(batch: MemberBatch, { file, member }: Member, book: MarkBook): Produced {
  if (batch === 'known') return { kind: 'notice', file, member, text: 'already in the ledger, nothing new' };
  book.set(batch.mark);
  return { kind: 'batch', batch };
}

function problem(error: unknown, file: string, member: string | null): Produced {
  const known = error instanceof WardkeepError ? error : null;
  return {
    kind: 'problem',
    file,
    member,
    code: known?.code ?? 'failed',
    // What others throw may hold what they failed on, and that is the content of a record.
    text: known?.message ?? `it could not be read (${error instanceof Error ? error.name : 'unknown fault'})`,
    advice: known?.advice,
  };
}
