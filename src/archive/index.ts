export { type ArchiveOptions, openArchive } from './archive.ts';
export { ArchiveError, type ArchiveErrorCode } from './errors.ts';
export { EXPORT_ROWS_MAX, HUNT_ROWS_MAX, HUNT_TIME_MS_MAX, LOOKUP_ROWS_MAX } from './limits.ts';
export type { Archive, EventQuery, EventRow, SqlOptions, SqlResult } from './types.ts';
