/** How long a body is kept: `record` is access, sign-in, administration and findings; `telemetry` the rest. */
export type RetentionClass = 'record' | 'telemetry';

/** The separately committed parts of a body, in the order in which the commitment takes them. */
export const PARTS = ['normal', 'raw', 'patient'] as const;
export type Part = (typeof PARTS)[number];

/** One event to be appended. Byte arrays are read until the append has its answer: do not change them before. */
export interface EntryInput {
  /** OCSF class, 0 for a Base Event. */
  classUid: number;
  retention: RetentionClass;
  /** OCSF JSON without `raw_data`, UTF-8. */
  normal: Uint8Array | string;
  /** The bytes as received, or their SHA-256 alone by policy; empty where there are none. */
  raw: Uint8Array;
  /** What the patient may see; null where the event concerns no patient. */
  patient: Uint8Array | null;
}

/** How far a source has been read; saved in the frame of the batch that holds its records. */
export interface SourceMark {
  /** Stable name of the source: path, archive member or stream. */
  sourceId: string;
  /** SHA-256 (hex) of the first 64 KiB (of what there was, when shorter) of the decompressed source. */
  headHash: string;
  /** Decompressed bytes consumed. */
  offset: number;
  /** Records consumed (emitted or rejected). */
  records: number;
  /** SHA-256 (hex) of the decompressed bytes before `offset`, or null when the reader cannot give it. */
  prefixHash: string | null;
  /** Whatever the reader needs to go on at `offset` (a TSV header, the line number), as JSON; null when nothing. */
  state: string | null;
}

export interface AppendOptions {
  /** The moment of receipt, ms since the epoch; the batch's receive day and leaf minute come from it. Default: the clock. */
  receivedMs?: number;
  /** Saved durably together with the batch, or not at all. */
  marks?: readonly SourceMark[];
  /**
   * Called once, just before the entries are sealed, when their indexes are certain unless the write fails. The one moment
   * at which an entry's `patient` may still be set. Synchronous and quick; must not throw.
   */
  onIndexed?: (firstIndex: number) => void;
}

export interface AppendResult {
  /** Index of the first entry of this call; its entries are consecutive. */
  firstIndex: number;
  /** Tree size after this call. */
  size: number;
}

export type BodyState = 'present' | 'erased' | 'expired' | 'sealed';

/** One entry read back. `sealed` means that the master key is missing: only the leaf can be read. */
export interface StoredEntry {
  index: number;
  classUid: number;
  /** Receive time, ms since the epoch, rounded down to the minute as the leaf has it. */
  receivedMs: number;
  retention: RetentionClass;
  state: BodyState;
  /** Empty unless `state` is `present`. */
  normal: Uint8Array;
  raw: Uint8Array;
  patient: Uint8Array | null;
}

export interface ReadOptions {
  /** First index, inclusive; default 0. */
  from?: number;
  /** Last index, exclusive; default the size at the call. */
  to?: number;
}
