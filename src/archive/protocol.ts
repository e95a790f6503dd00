import type { RetentionClass } from '#ledger';
import type { RawEntry } from './columns/row.ts';
import type { ArchiveErrorCode } from './errors.ts';
import type { ArchiveStatus, EventQuery, SqlOptions } from './types.ts';

/** What the archive's thread begins with; all of it can be cloned. */
export interface WorkerStart {
  root: string;
  origin: string;
  ledgerSize: number;
  isReadOnly: boolean;
  classNames: Readonly<Record<number, string>>;
  /** For tests: the thread's clock stands still at this time. */
  nowMs: number | null;
  /** JavaScript heap above which the thread gives up, MiB. */
  heapMb: number;
}

/** Consecutive entries in one transferable buffer; per entry index, class, retention and length. */
export interface BatchMessage {
  kind: 'batch';
  receivedMs: Float64Array<ArrayBuffer>;
  sourceId: string | null;
  heads: Float64Array<ArrayBuffer>;
  body: Uint8Array<ArrayBuffer>;
  /** Index behind the last entry. */
  to: number;
}

export type SqlCall = Omit<SqlOptions, 'signal'>;

/** What the main thread can ask for. */
export type Call =
  | { name: 'events'; query: EventQuery }
  | { name: 'hunt'; sql: string; options: SqlCall }
  | { name: 'exportTo'; path: string; sql: string; options: SqlCall & { format: 'csv' | 'json' | 'parquet' } }
  | { name: 'activity'; hours: number }
  | { name: 'settled' }
  | { name: 'seal'; all: boolean }
  | { name: 'plan' }
  | { name: 'drop'; files: readonly string[] }
  | { name: 'forget'; gone: readonly number[]; settled: readonly number[] }
  | { name: 'repairBegin'; file: string }
  | { name: 'repairAdd'; batch: BatchMessage }
  | { name: 'repairEnd' }
  | { name: 'close' };

export type ToWorker = BatchMessage | { kind: 'call'; id: number; call: Call } | { kind: 'cancel'; id: number };

/** What the thread knows of it; the rest is known outside. */
export type Status = Omit<ArchiveStatus, 'state' | 'deaths' | 'problem'>;

export type FromWorker =
  | { kind: 'ready'; status: Status }
  | { kind: 'taken'; bytes: number; status: Status }
  | { kind: 'reply'; id: number; value: unknown; status: Status }
  | { kind: 'failure'; id: number; failure: Failure }
  | { kind: 'stopped'; failure: Failure }
  /** It has a fault, answers nobody any more and ends as soon as what runs is over; `what` in words for everybody. */
  | { kind: 'dying'; what: string }
  | {
      kind: 'log';
      level: 'info' | 'warn' | 'error';
      message: string;
      fields: Readonly<Record<string, string | number>>;
    };

/** An error of a class of ours would arrive as a plain one. */
export interface Failure {
  code: ArchiveErrorCode | null;
  text: string;
  advice: string | undefined;
}

const NUMBERS_PER_ENTRY = 4;
const RETENTIONS: readonly RetentionClass[] = ['record', 'telemetry'];

/** What a batch is packed from. */
export interface PackableEntry {
  index: number;
  classUid: number;
  retention: RetentionClass;
  receivedMs: number;
  normal: Uint8Array;
}

export function packBatch(entries: readonly PackableEntry[], sourceId: string | null, to: number): BatchMessage {
  const heads = new Float64Array(entries.length * NUMBERS_PER_ENTRY);
  const receivedMs = new Float64Array(entries.length);
  const body = new Uint8Array(entries.reduce((bytes, { normal }) => bytes + normal.length, 0));
  let end = 0;
  entries.forEach((entry, n) => {
    heads.set(
      [entry.index, entry.classUid, RETENTIONS.indexOf(entry.retention), entry.normal.length],
      n * NUMBERS_PER_ENTRY,
    );
    receivedMs[n] = entry.receivedMs;
    body.set(entry.normal, end);
    end += entry.normal.length;
  });
  return { kind: 'batch', receivedMs, sourceId, heads, body, to };
}

/** The entries of a batch as views into its buffer. */
export function unpackBatch({ heads, body, receivedMs, sourceId }: BatchMessage): RawEntry[] {
  const entries: RawEntry[] = [];
  let end = 0;
  for (let n = 0; n < receivedMs.length; n += 1) {
    const [index = 0, classUid = 0, retention = 0, length = 0] = heads.subarray(n * NUMBERS_PER_ENTRY);
    entries.push({
      index,
      classUid,
      retention: RETENTIONS[retention] ?? 'telemetry',
      receivedMs: receivedMs[n] ?? 0,
      sourceId,
      normal: body.subarray(end, end + length),
    });
    end += length;
  }
  return entries;
}
