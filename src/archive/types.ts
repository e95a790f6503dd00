import type { AppendedBatch } from '#ingest/live';

/** One row of a look-up: enough for a list; the whole event comes from the ledger by its index. */
export interface EventRow {
  index: number;
  atMs: number;
  receivedMs: number;
  classUid: number;
  severity: number;
  /** One line for people; may hold personal data. */
  text: string;
  user: string | null;
  device: string | null;
  address: string | null;
  patient: string | null;
  sourceId: string | null;
}

export interface EventQuery {
  /** Event time, ms, inclusive and exclusive. */
  sinceMs?: number;
  untilMs?: number;
  classUid?: number;
  user?: string;
  patient?: string;
  ip?: string;
  device?: string;
  /** The source that sent it. */
  sourceId?: string;
  /** OCSF severity, at least. */
  severityMin?: number;
  outcome?: 'success' | 'failure';
  /** Only these entries, by their indexes; at most 5,000, of which the newest count. */
  indexes?: readonly number[];
  /** Words that stand in the event's text or JSON, in any case. */
  text?: string;
  /** At least one of these stands in the event's JSON, in any case. */
  anyInJson?: readonly string[];
  /** Only entries with a smaller index. */
  before?: number;
  /** At most 1,000. */
  limit: number;
}

export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** More rows than the limit. */
  isTruncated: boolean;
  elapsedMs: number;
  /** Archive files that were damaged and passed over. */
  skipped: string[];
}

export interface SqlOptions {
  /** At most 10,000. */
  limit: number;
  /** ms; default `HUNT_TIME_MS_MAX`. */
  timeMs?: number;
  /** Without it, columns that name a patient hold stand-ins. */
  seesPatients: boolean;
  signal?: AbortSignal;
}

export interface ArchiveStatus {
  /** Entries in sealed files, and entries that searches show: indexes behind the last. */
  sealedTo: number;
  seenTo: number;
  files: number;
  bytes: number;
  /** Names of files that cannot be read. */
  damaged: string[];
  /**
   * `restarting`: its thread died, or what it had in memory is still being read from the ledger again; `degraded`: the
   * thread died so often of late that it is tried again only now and then. Events are taken and rules run all the same.
   */
  state: 'up' | 'restarting' | 'degraded';
  /** Of its thread since the start. */
  deaths: number;
  /** Why there is no thread just now; null while there is one. */
  problem: string | null;
}

/** The archive as the rest of the house sees it; all heavy work runs in its own thread. */
export interface Archive extends AsyncDisposable {
  /** Takes over what is durable, in order; returns at once. Behind by too much, it catches up from the ledger. */
  accept(batch: AppendedBatch): void;
  /** Newest first. */
  events(query: EventQuery): Promise<EventRow[]>;
  /** @throws {ArchiveError} `bad_sql` (with a sentence for the author), `too_slow`, `too_large`, `cancelled` */
  hunt(sql: string, options: SqlOptions): Promise<SqlResult>;
  /** As `hunt`, streamed to a file of this format. */
  exportTo(path: string, sql: string, options: SqlOptions & { format: 'csv' | 'json' | 'parquet' }): Promise<void>;
  views(): {
    name: string;
    description: string;
    columns: { name: string; type: string; description: string }[];
    example: string;
  }[];
  /** What stands in hunts for a patient without the right to see them: the same one everywhere. */
  standIn(patient: string): string;
  /** Events and findings an hour, oldest first. */
  activity(hours: number): Promise<{ hourMs: number; events: number; findings: number }[]>;
  /** Resolves when everything that was accepted can be found. */
  settled(): Promise<void>;
  /**
   * Seals the live tail of days that have ended, and one that is older than an hour; the server calls it on a timer and
   * when it stops. `all` seals whatever there is, so that the next start reads nothing again.
   */
  seal(options?: { all?: boolean }): Promise<void>;
  /** Drops files of days whose retention has ended and rewrites those that hold erased entries. */
  applyRetention(): Promise<void>;
  status(): ArchiveStatus;
}
