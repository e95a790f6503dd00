import type { AppendedBatch } from '#ingest/live';
import type { Level, RuleHead } from '#detect/sigma';

/** A finding that is durable in the ledger. */
export interface DurableFinding {
  /** Its index in the ledger. */
  index: number;
  uid: string;
  rule: RuleHead;
  level: Level;
  kind: 'event' | 'correlation';
  /** Indexes of the events that it rests on, oldest first, at most 100. */
  indexes: readonly number[];
  total: number;
  firstMs: number;
  /** Event time of the last of them. */
  atMs: number;
  match: Readonly<Record<string, unknown>>;
  group: Readonly<Record<string, string>> | null;
  /** OCSF events it rests on, oldest first, at most 20: those of the batch or read back from the ledger. */
  events: readonly { index: number; event: Readonly<Record<string, unknown>> }[];
}

/** Rules over the stream, as a cursor on the ledger. */
export interface LiveDetector extends AsyncDisposable {
  /** Runs over what is durable behind the cursor, before the stream begins. */
  catchUp(onProgress?: (done: number, total: number) => void): Promise<void>;
  /** In order; returns at once. Findings are appended, then told. */
  accept(batch: AppendedBatch): void;
  onFinding(listener: (finding: DurableFinding) => void): void;
  /** Resolves when everything accepted so far was looked at and its findings are durable. */
  settled(): Promise<void>;
  /** Lets memory and saved state forget entries that are to be erased: `derived` of `eraseEntries`. */
  forget(indexes: readonly number[]): Promise<number>;
  /** Index behind the last event looked at. */
  readonly position: number;
}
