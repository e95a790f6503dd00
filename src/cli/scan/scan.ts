import { type Source, MemberReader, listFiles, openFile, sourcesFor, toUtf8 } from '#ingest';
import { RECORD_BYTES_MAX, WardkeepError } from '#kernel';
import { type EvaluatorPool, createPool } from './pool.ts';
import type { BaseMatch, BlockResult, EvaluatorOptions, MemberInfo } from './types.ts';

export interface ScanOptions extends EvaluatorOptions {
  paths: readonly string[];
  threads: number;
  /** The matches of one file, in the order of its records; files come in the order of their paths. */
  onMatches: (matches: readonly BaseMatch[]) => void;
  onProgress?: (totals: Readonly<ScanTotals>) => void;
}

export interface ScanProblem {
  file: string;
  member: string | null;
  text: string;
  advice: string | undefined;
}

export interface RejectSample {
  file: string;
  member: string | null;
  record: number;
  offset: number;
  code: string;
  reason: string;
}

export interface ScanTotals {
  files: number;
  members: number;
  records: number;
  /** Decompressed bytes read. */
  bytes: number;
  rejected: Record<string, number>;
  rejectSamples: RejectSample[];
  /** Files or members that could not be read to their end. */
  problems: ScanProblem[];
  regexInputsCut: number;
}

const SAMPLES_MAX = 5;
const LF = 10;

/**
 * Evaluates rules on every record under the given paths. What is found does not depend on the number of threads or the
 * order of the paths.
 * @throws {IngestError} `unreadable` when a named path does not exist; `unknown_format`.
 */
export async function scan(options: ScanOptions): Promise<ScanTotals> {
  const totals: ScanTotals = {
    files: 0,
    members: 0,
    records: 0,
    bytes: 0,
    rejected: {},
    rejectSamples: [],
    problems: [],
    regexInputsCut: 0,
  };
  const files = await listFiles(options.paths, (error, path) => {
    totals.problems.push({
      file: path,
      member: null,
      text: error.message,
      advice: error.advice,
    });
  });
  const { ruleSet, format, zone, year } = options;
  const sources = sourcesFor(format);
  await using pool = createPool(options.threads, { ruleSet, format, zone, year });
  const state: ScanState = { options, totals, pool, sources, nextMember: 0 };
  // A file's matches are awaited one file behind, so that threads are busy while it is completed.
  let pending: Promise<void> = Promise.resolve();
  for (const file of files) {
    const results = await scanFile(file, state);
    const previous = pending;
    pending = (async () => {
      await previous;
      options.onMatches(await collect(file, results, totals));
      totals.files += 1;
      options.onProgress?.(totals);
    })();
    pending.catch(() => undefined);
    if (results.length > 0 && options.threads <= 1) await pending;
  }
  await pending;
  return totals;
}

interface ScanState {
  options: ScanOptions;
  totals: ScanTotals;
  pool: EvaluatorPool;
  sources: readonly Source[];
  nextMember: number;
}

/** One member's blocks under evaluation. */
interface MemberResults {
  member: string | null;
  blocks: Promise<BlockResult>[];
}

async function scanFile(file: string, state: ScanState): Promise<MemberResults[]> {
  const results: MemberResults[] = [];
  try {
    for await (const member of openFile(file)) {
      const one: MemberResults = { member: member.member, blocks: [] };
      results.push(one);
      state.totals.members += 1;
      const info: MemberInfo = { file, member: member.member, modifiedMs: member.modifiedMs, head: member.head };
      const reader = new MemberReader(member.member ?? file, member.head, { sources: state.sources });
      const source = { bytes: toUtf8(member.bytes, reader.encoding), info, memberId: state.nextMember++, state };
      const emit = (block: Promise<BlockResult>): void => {
        block.catch(() => undefined);
        one.blocks.push(block);
      };
      await (reader.shape.kind === 'lines' ? wholeLines(source, emit) : inOrder(source, emit));
    }
  } catch (error) {
    const known = error instanceof WardkeepError ? error : null;
    // What others throw may hold what they failed on, and that is the content of a record.
    const text = known?.message ?? `it could not be read (${error instanceof Error ? error.name : 'unknown fault'})`;
    state.totals.problems.push({ file, member: results.at(-1)?.member ?? null, text, advice: known?.advice });
  }
  return results;
}

interface MemberSource {
  bytes: AsyncIterable<Buffer>;
  info: MemberInfo;
  memberId: number;
  state: ScanState;
}

type Emit = (block: Promise<BlockResult>) => void;

/** Blocks that end with a line, for any thread. */
async function wholeLines({ bytes, info, memberId, state }: MemberSource, emit: Emit): Promise<void> {
  const { pool } = state;
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0;
  let skipping = false;
  const evaluate = (block: Buffer): void => {
    if (block.length > 0) emit(pool.evaluate({ kind: 'lines', memberId, info, bytes: block, offset }));
    offset += block.length;
  };
  try {
    for await (const chunk of metered(bytes, state)) {
      const feed = skipping ? chunk.indexOf(LF) : -1;
      if (skipping && feed === -1) {
        offset += chunk.length;
        continue;
      }
      if (skipping) offset += feed;
      const fresh = skipping ? chunk.subarray(feed) : chunk;
      skipping = false;
      const data = carry.length === 0 ? fresh : Buffer.concat([carry, fresh]);
      const end = data.lastIndexOf(LF) + 1;
      await pool.room();
      evaluate(data.subarray(0, end));
      carry = data.subarray(end);
      if (carry.length <= RECORD_BYTES_MAX) continue;
      emit(Promise.resolve(tooLongLine(offset)));
      offset += carry.length;
      carry = Buffer.alloc(0);
      skipping = true;
    }
  } finally {
    evaluate(carry);
  }
}

function tooLongLine(offset: number): BlockResult {
  const reason = `the line is longer than ${RECORD_BYTES_MAX} bytes`;
  const samples = [{ record: 0, offset, code: 'too_long', reason }];
  return { matches: [], records: 1, rejected: { too_long: 1 }, samples, regexInputsCut: 0 };
}

/** All chunks of a member to one thread, in order. */
async function inOrder({ bytes, info, memberId, state }: MemberSource, emit: Emit): Promise<void> {
  const { pool } = state;
  try {
    for await (const chunk of metered(bytes, state)) {
      await pool.room();
      emit(pool.evaluate({ kind: 'chunk', memberId, info, bytes: chunk, last: false }));
    }
  } finally {
    emit(pool.evaluate({ kind: 'chunk', memberId, info, bytes: new Uint8Array(0), last: true }));
  }
}

async function* metered(bytes: AsyncIterable<Buffer>, { totals, options }: ScanState): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    totals.bytes += chunk.length;
    options.onProgress?.(totals);
    yield chunk;
  }
}

/** Matches of one file with the numbers of their records within the member. */
async function collect(file: string, results: readonly MemberResults[], totals: ScanTotals): Promise<BaseMatch[]> {
  const matches: BaseMatch[] = [];
  for (const { member, blocks } of results) {
    let base = 0;
    for (const block of blocks) {
      const result = await block;
      for (const match of result.matches) matches.push({ ...match, record: match.record + base });
      for (const sample of result.samples)
        if (totals.rejectSamples.length < SAMPLES_MAX && !totals.rejectSamples.some(isLike(file, member, sample.code)))
          totals.rejectSamples.push({ file, member, ...sample, record: sample.record + base });
      for (const [code, count] of Object.entries(result.rejected))
        totals.rejected[code] = (totals.rejected[code] ?? 0) + count;
      totals.regexInputsCut += result.regexInputsCut;
      totals.records += result.records;
      base += result.records;
    }
  }
  return matches;
}

/** Of one file one example of each reason says enough. */
function isLike(file: string, member: string | null, code: string) {
  return (other: { file: string; member: string | null; code: string }): boolean =>
    other.file === file && other.member === member && other.code === code;
}
