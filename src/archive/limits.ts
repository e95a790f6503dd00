import { KIB, MIB } from '#kernel';

/** Rows of the live tail; from then on it is sealed. */
export const TAIL_ROWS_MAX = 32_768;
/** Bytes of the tail's events as JSON; from then on it is sealed. */
export const TAIL_BYTES_MAX = 32 * MIB;
/** A tail that is older is sealed by `seal()` even within its day, so that a start reads little of the ledger again. */
export const TAIL_AGE_MS_MAX = 3_600_000;
/** Rows of the tail where nothing may be sealed; older ones are left out, and the caller is told. */
export const READ_ONLY_ROWS_MAX = 131_072;
/** Rows that are handed to DuckDB at once: its own vector size. */
export const CHUNK_ROWS = 2_048;
/** Bytes on their way to the archive's thread; above it the archive is behind and reads the ledger instead. */
export const AHEAD_BYTES_MAX = 16 * MIB;
/** Entries of one message to the archive's thread. */
export const MESSAGE_ENTRIES_MAX = 4_096;

/** Characters of one column; the JSON has the whole. */
export const COLUMN_CHARS_MAX = 4_096;

/** Rows of a row group where files are sorted by patient: small ones, so that a look for one patient reads little. */
export const RECORD_GROUP_ROWS = 16_384;
export const TELEMETRY_GROUP_ROWS = 32_768;

/** Files of one day and class from which they are merged while the day lasts. */
export const COMPACT_FILES_MIN = 8;
/** After files could not be merged it is tried again so much later, ms. */
export const MERGE_AGAIN_MS = 3_600_000;
/** Rows of a file that is not merged any more. Files with patients are sorted as they are merged, which takes memory. */
export const TELEMETRY_FILE_ROWS_MAX = 524_288;
export const RECORD_FILE_ROWS_MAX = 49_152;

/** JavaScript heap of the archive's thread, MiB; above it the thread ends in order, and is started anew. */
export const THREAD_HEAP_MB = 768;
/** V8's own limit is so many times as high: there it ends the thread without asking, with whatever is under way. */
export const THREAD_HEAP_HARD_FACTOR = 2;
/** Its young generation, MiB. */
export const YOUNG_MB = 12;

/** Memory of DuckDB for sealing and look-ups, and for hunts. */
export const WRITER_MEMORY = '384MB';
export const HUNT_MEMORY = '512MB';
export const HUNT_THREADS = 2;
/** Hunts that run at once: each holds one of the four threads that the whole process has for its files. */
export const HUNTS_AT_ONCE = 2;
/** Hunts that wait; a further one is refused (`busy`). */
export const HUNTS_WAITING_MAX = 32;
export const HUNT_TIME_MS_MAX = 10_000;
/** No caller may ask for more. */
export const HUNT_TIME_MS_CEILING = 120_000;
export const HUNT_ROWS_MAX = 10_000;
export const HUNT_BYTES_MAX = 32 * MIB;
export const EXPORT_ROWS_MAX = 1_000_000;
export const SQL_CHARS_MAX = 64 * KIB;
/** Nodes and depth of a parsed statement. */
export const SQL_NODES_MAX = 20_000;
export const SQL_DEPTH_MAX = 400;

/** Rows of one look-up. */
export const LOOKUP_ROWS_MAX = 1_000;
export const LOOKUP_TIME_MS_MAX = 20_000;
export const ACTIVITY_HOURS_MAX = 24 * 92;

/** An index named by an erasure event whose body the ledger still has after so long was no erasure of this ledger. */
export const ERASURE_PATIENCE_MS = 7 * 86_400_000;
/** Indexes named by erasures that wait to be applied; those beyond are found by `wardkeep rebuild` alone, and this is logged. */
export const ERASURES_MAX = 200_000;
