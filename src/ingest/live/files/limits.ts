import { KIB, MIB } from '#kernel';

/** Files that are followed at once, all watched paths together; further ones wait until others have ended. */
export const OPEN_FILES_MAX = 1_000;
/** Files that one watched path is looked through for; those beyond it are not read, and that is said. */
export const LISTED_FILES_MAX = 20_000;
/** Folders below a watched one. */
export const FOLDER_DEPTH_MAX = 8;
export const FOLDERS_MAX = 1_000;
/** Folders whose changes the system is asked to tell; further ones are looked at from time to time alone. */
export const FOLDERS_TOLD_MAX = 256;
/** What is read of a file at once. */
export const READ_BYTES = 256 * KIB;
/** Files that are read at the same moment. */
export const READS_AT_ONCE = 4;
/** Bytes in front of the place of reading that must still be what was read. */
export const GUARD_BYTES = 512;
/** Batches that are read and not durable yet; nothing more is read meanwhile. */
export const BATCHES_AHEAD = 4;
/** Names under which the progress of one path is kept, one for each of its rotated files that is still there. */
export const GENERATIONS_KEPT = 16;
/** A file up to this size is closed when it has not changed for long; reading it again from its beginning costs little. */
export const CLOSED_BYTES_MAX = 64 * MIB;
/** A file that is named quite differently is known by its beginning if that is at least so long. */
export const KNOWN_BYTES_MIN = 4 * KIB;
/** So many of the latest marks of a folder are compared with a file's beginning. */
export const MARKS_TRIED_MAX = 256;
/** Pause between two tries of a reading thread that died, doubled each time up to the second. */
export const RESTART_MS = 1_000;
export const RESTART_MS_MAX = 60_000;

/** The start waits so long for the first look at what is there, ms. */
export const FIRST_LOOK_MS = 2_000;

/** Pauses, ms. */
export interface Timing {
  /** Between two looks at what is there; changes that the system tells of are seen at once. */
  pollMs: number;
  /** News of the system gather so long. */
  gatherMs: number;
  /** A file that has not changed for so long is whole: archives are read then, and a beginning without a line end. */
  settleMs: number;
  /** A file that went out of sight is read until nothing was written to it for so long. */
  goneQuietMs: number;
  /** What a truncated file held at its end waits so long for a copy that has more of it. */
  holdMs: number;
  /** A file that has not changed for so long is taken to its end, half a line at its end included. */
  idleEndMs: number;
  /** After a failure a file is tried again. */
  retryMs: number;
}

export const TIMING: Timing = {
  pollMs: 2_000,
  gatherMs: 50,
  settleMs: 5_000,
  goneQuietMs: 60_000,
  holdMs: 5_000,
  idleEndMs: 3_600_000,
  retryMs: 10_000,
};
