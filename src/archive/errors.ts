import { WardkeepError } from '#kernel';

export type ArchiveErrorCode =
  /** Not one SELECT or EXPLAIN over the views, or DuckDB does not understand it; the message is for its author. */
  | 'bad_sql'
  /** Stopped at its time limit. */
  | 'too_slow'
  /** More memory, rows or bytes than are allowed. */
  | 'too_large'
  | 'cancelled'
  /** As many hunts wait as may. */
  | 'busy'
  /** The archive was closed, or its thread has died. */
  | 'unavailable'
  /** The manifest cannot be read: `wardkeep rebuild` makes the archive anew. */
  | 'corrupt'
  /** Written by a newer Wardkeep. */
  | 'newer_format'
  /** The disk is full, or a file cannot be written. */
  | 'write_failed';

export class ArchiveError extends WardkeepError<ArchiveErrorCode> {}
