import { MIB } from '#kernel';

/** Entries of one append call; a longer one is refused (`too_large`). */
export const APPEND_ENTRIES_MAX = 65_536;
/** Bytes of all bodies of one append call; more is refused (`too_large`). */
export const APPEND_BYTES_MAX = 64 * MIB;
/** Source marks of one append call; more is refused (`too_large`). */
export const APPEND_MARKS_MAX = 4_096;
/** Bytes of all source marks of one append call as JSON; more is refused (`too_large`). */
export const APPEND_MARKS_BYTES_MAX = 16 * MIB;
/** Bytes of one source mark as JSON; a longer one is refused (`too_large`). */
export const MARK_BYTES_MAX = 1 * MIB;
/** Entries that one frame gathers from several callers; the rest waits for the next frame. */
export const FRAME_ENTRIES_TARGET = 4_096;
/** Bytes of bodies that one frame gathers from several callers; the rest waits for the next frame. */
export const FRAME_BYTES_TARGET = 8 * MIB;
/** Bytes of a whole frame: an encoded length above it is corruption. */
export const FRAME_BYTES_MAX = 160 * MIB;
/** Append calls that wait at once; the next one is refused (`too_large`). */
export const QUEUE_CALLS_MAX = 65_536;
/** Waiting entries from which the next frame is prepared while the last one is still being synced. */
export const PIPELINE_ENTRIES_MIN = 256;
/** A frame up to this length is written, into the system's cache, without a turn of the thread pool; its sync takes one. */
export const SYNC_WRITE_BYTES_MAX = MIB;
/** A segment that has reached this size is followed by a new one. */
export const SEGMENT_BYTES_TARGET = 64 * MIB;
/** Sources whose marks are kept; a further one is refused (`too_large`). */
export const MARKS_MAX = 250_000;
/** Bytes that a journal scan reads at once. */
export const SCAN_BYTES = 2 * MIB;
/** Segments whose frame positions stay in memory. */
export const SEGMENT_INDEX_CACHE = 16;
/** Entries of a batch that `read` yields; a bigger frame is yielded whole. */
export const READ_BATCH_ENTRIES = 1_024;
/** Pause between two publications in the background. */
export const PUBLISH_INTERVAL_MS = 1_000;
/** Tile files written at the same time. */
export const TILE_WRITES_AT_ONCE = 16;
/** Bytes of a small state file (manifest, key files, pending work); a longer one is corruption. */
export const STATE_FILE_BYTES_MAX = 64 * MIB;
/** Indexes of one erase call. */
export const ERASE_INDEXES_MAX = 100_000;
/** Days that the clock may be ahead of the newest entry when keys are destroyed; more is refused unless it is confirmed. */
export const CLOCK_AHEAD_DAYS_MAX = 7;
/** Entries at the end of the log among which the newest is looked for. */
export const CLOCK_LOOK_BACK_ENTRIES = 1_000;
/** Findings that an audit lists; it counts the rest. */
export const AUDIT_FINDINGS_MAX = 100;
