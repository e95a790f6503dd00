import type { RetentionClass } from '#ledger';
import type { WatchedPath, WatchedState } from './files/types.ts';

/** How a system sends to us. */
export type SourceKind =
  | 'syslog'
  | 'ndjson'
  | 'splunk-hec'
  | 'elastic-bulk'
  | 'fhir-auditevent'
  | 'atna'
  | 'mllp'
  | 'file';

/** A system that sends to us, as the operator set it up or as it first announced itself (a syslog host). */
export interface LiveSource {
  /** Stable id, safe in a URL. */
  id: string;
  /** For people: `Firewall`, `EHR audit`. */
  name: string;
  kind: SourceKind;
  /** Name of the format as `--format` takes it, or `auto`. */
  format: string;
  /** IANA zone of times that state none; null = the hospital's. */
  zone: string | null;
  /** After this silence it is reported, ms; null = never. */
  silentAfterMs: number | null;
}

/** An event that is durable, as the readers of the stream get it. Byte arrays are shared: never change them. */
export interface AppendedEntry {
  /** Index in the ledger. */
  index: number;
  classUid: number;
  retention: RetentionClass;
  /** OCSF JSON, UTF-8. */
  normal: Uint8Array;
  /** What the tap of the mapping thread said of it (see `TapModule`); null when nothing. */
  tapped: unknown;
  /** What Wardkeep itself recorded: no mapping thread, and so no tap, has seen it. */
  isOwn?: boolean;
}

/** Consecutive events of one receive time, after their `fdatasync`. */
export interface AppendedBatch {
  receivedMs: number;
  /** Null for what Wardkeep itself appends (findings, console actions). */
  sourceId: string | null;
  entries: readonly AppendedEntry[];
}

/**
 * A look at each record in the mapping thread, while it is an object already: detection is handed in this way, since
 * ingest knows nothing of rules. The module is loaded in the thread by its URL and must export `createTap`.
 */
export interface TapModule {
  /** `options` is what the server passed, by structured clone. */
  createTap(options: unknown): Tap | Promise<Tap>;
}

export interface Tap {
  /**
   * Called once a record, in order. Null when there is nothing to say; anything else travels by structured clone and
   * stands in `AppendedEntry.tapped`. Must not throw and must not keep `fields` or `event`.
   */
  observe(record: TappedRecord): unknown;
  /** Other options from now on (rules were changed). */
  update?(options: unknown): void | Promise<void>;
}

export interface TappedRecord {
  family: string;
  /** The source's own field names; null for what did not parse. */
  fields: Readonly<Record<string, unknown>> | null;
  /** The OCSF event. */
  event: Readonly<Record<string, unknown>>;
}

/** What is known of a source since it was set up; counts survive a restart. */
export interface LiveSourceStatus {
  source: LiveSource;
  createdMs: number;
  health: 'ok' | 'silent' | 'troubled' | 'new';
  /** A sentence, where it is not ok. */
  problem: string | null;
  lastEventMs: number | null;
  /** All that was kept, what could not be read among them. */
  events: number;
  rejected: number;
  /** By reject code. */
  rejects: Readonly<Record<string, number>>;
  /** Events a second over the last minute. */
  rate: number;
  /** The last 60 minutes, oldest first. */
  rates: readonly { minuteMs: number; events: number; rejected: number }[];
  /** Records that the sender's own numbering (RFC 5424 `meta sequenceId`, Windows record ids, …) says are missing. */
  gaps: number;
  /** Datagrams that the system dropped before they could be read. */
  lost: number;
  /** Median of receive time less event time, seconds; null when unknown. */
  clockOffsetS: number | null;
}

/** What a sender states of a record beside it. */
export interface RecordNote {
  /** The format to try first, by our name; null where it is not known. */
  format: string | null;
  /** Kept in the event's `metadata.tags`. */
  tags: readonly { name: string; value?: string; values?: string[] }[];
}

/** One submission: bytes of one sender in one framing; all of it becomes durable, or none of it was accepted. */
export interface Submission {
  sourceId: string;
  /**
   * How records are cut out of `bytes`: one a line, one record in all, several as `lengths` says, or as the format's own
   * reader does.
   */
  framing: 'lines' | 'record' | 'records' | 'format';
  bytes: Uint8Array;
  /** For `records`: the length of each, one directly behind the other. */
  lengths?: Uint32Array;
  /** Beside each of `records`, in their order; with the other framings one, which is of all records. */
  notes?: readonly (RecordNote | null)[];
  receivedMs: number;
  /** Labels for each event's metadata, e.g. `transport:udp`. */
  labels?: readonly string[];
}

export interface SubmissionResult {
  /** All that is durable now, what could not be read among them. */
  events: number;
  rejected: number;
  /** Index of the first entry; null when there was no record in it. */
  firstIndex: number | null;
}

/** How the intake is doing. */
export interface IntakeLoad {
  /** Submissions that wait to be mapped or appended, and their bytes. */
  queued: number;
  queuedBytes: number;
  /** Why the door is shut; null when it is open. */
  shut: string | null;
  /** Deaths of the mapping thread since the start, and whether it dies again and again. */
  threadDeaths: number;
  diesOften: boolean;
}

/** The one door for live events. */
export interface Intake extends AsyncDisposable {
  /**
   * Maps and appends; resolves after the `fdatasync`. Waits (back-pressure) while its queue is full.
   * @throws {LiveError} `no_such_source`, `unavailable` (disk full, closing): nothing of it was accepted.
   */
  submit(submission: Submission): Promise<SubmissionResult>;
  /** Appends what Wardkeep itself has to say (a console action, a health note) and tells the readers. Returns the index. */
  record(event: Readonly<Record<string, unknown>>): Promise<number>;
  /** Called in order of index, after durability, without waiting for it. */
  onAppended(listener: (batch: AppendedBatch) => void): void;
  sources(): readonly LiveSourceStatus[];
  /** Null when there is none of this id. */
  source(id: string): LiveSourceStatus | null;
  /** A new source; `token` is shown once and kept as a hash; null for kinds that are told apart by address. */
  createSource(create: Omit<LiveSource, 'id'>): Promise<{ source: LiveSource; token: string | null }>;
  changeSource(id: string, change: Partial<Omit<LiveSource, 'id' | 'kind'>>): Promise<LiveSource>;
  renewToken(id: string): Promise<string | null>;
  removeSource(id: string): Promise<void>;
  /** Other options for the tap of the mapping thread. */
  updateTap(options: unknown): Promise<void>;
  load(): IntakeLoad;
}

/** How a sender is known that brings no token. */
export interface Sender {
  kind: SourceKind;
  /** Address, or fingerprint of a client certificate; file: path. */
  address: string;
  /** Name under which it announces itself. */
  name: string;
}

/** The intake as the listeners and the server see it. */
export interface LiveIntake extends Intake {
  /** The source whose token this is; null when it is nobody's. Takes the same time for a wrong one. */
  sourceOfToken(token: string): LiveSource | null;
  /** The source of a sender without a token, which announces itself when it is new; null when there are too many. */
  sourceOfSender(sender: Sender): Promise<LiveSource | null>;
  /** As `record`, for several that belong together. Returns the index of the first; they are consecutive. */
  recordAll(events: readonly Readonly<Record<string, unknown>>[]): Promise<number>;
  /**
   * Reads the files of these paths as they grow, each path a source, until it is disposed of. To be called once.
   * @throws {LiveError} `bad_option` for a format or zone that there is not; `too_many_sources`.
   */
  watchFiles(paths: readonly WatchedPath[]): Promise<AsyncDisposable>;
  /** How the watched paths fare; empty without any. */
  watchedFiles(): readonly WatchedState[];
  /** Records of this source that were lost before they could be taken. */
  noteLost(sourceId: string, count: number): void;
  /** Whether `submit` would have to wait. */
  isFull(): boolean;
  /** Resolves when everything that was submitted so far is durable or refused. */
  settled(): Promise<void>;
}
