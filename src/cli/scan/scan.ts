import {
  CAPTURE_NOTICE,
  type Member,
  MemberFaults,
  MemberReader,
  type Source,
  isCapture,
  isOfMemberAlone,
  listFiles,
  openFile,
  sourcesFor,
  toUtf8,
} from '#ingest';
import { RECORD_BYTES_MAX, WardkeepError } from '#kernel';
import { Delivery, type Emit } from './delivery.ts';
import { type EvaluatorPool, createPool } from './pool.ts';
import type { BaseMatch, BlockResult, EvaluatorOptions, MemberInfo, ScanTotals } from './types.ts';

export interface ScanOptions extends EvaluatorOptions {
  paths: readonly string[];
  threads: number;
  /** Matches in the order of the records; files come in the order of their paths. Called as soon as that order allows. */
  onMatches: (matches: readonly BaseMatch[]) => void;
  onProgress?: (totals: Readonly<ScanTotals>) => void;
}

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
    notices: [],
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
  const delivery = new Delivery(totals, options.onMatches);
  const state: ScanState = { options, totals, pool, sources, delivery, nextMember: 0 };
  for (const file of files) {
    await scanFile(file, state);
    delivery.fileEnds();
  }
  await delivery.done();
  return totals;
}

interface ScanState {
  options: ScanOptions;
  totals: ScanTotals;
  pool: EvaluatorPool;
  sources: readonly Source[];
  delivery: Delivery;
  nextMember: number;
}

async function scanFile(file: string, state: ScanState): Promise<void> {
  const { problems } = state.totals;
  const faults = new MemberFaults(({ message, advice }, member) =>
    problems.push({ file, member, text: message, advice }),
  );
  let current: string | null = null;
  try {
    for await (const member of openFile(file, faults.add)) {
      current = member.member;
      try {
        await scanMember(member, state);
      } catch (error) {
        if (!isOfMemberAlone(error, member)) throw error;
        faults.add(error, current);
      }
    }
  } catch (error) {
    const known = error instanceof WardkeepError ? error : null;
    // What others throw may hold what they failed on, and that is the content of a record.
    const text = known?.message ?? `it could not be read (${error instanceof Error ? error.name : 'unknown fault'})`;
    problems.push({ file, member: current, text, advice: known?.advice });
  }
  faults.end();
}

async function scanMember({ file, member, head, modifiedMs, bytes }: Member, state: ScanState): Promise<void> {
  if (isCapture(head)) {
    state.totals.notices.push({ file, member, text: CAPTURE_NOTICE });
    return;
  }
  state.totals.members += 1;
  const info: MemberInfo = { file, member, modifiedMs, head };
  const reader = new MemberReader(member ?? file, head, { sources: state.sources });
  const source = { bytes: toUtf8(bytes, reader.encoding), info, memberId: state.nextMember++, state };
  const emit = state.delivery.member(file, member);
  await (reader.shape.kind === 'lines' ? wholeLines(source, emit) : inOrder(source, emit));
}

interface MemberSource {
  bytes: AsyncIterable<Buffer>;
  info: MemberInfo;
  memberId: number;
  state: ScanState;
}

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
