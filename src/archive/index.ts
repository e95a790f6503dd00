export { type ArchiveOptions, openArchive } from './archive.ts';
export { type ArchiveExtent, archiveExtent } from './extent.ts';
export { type ArchiveFormat, archiveFormat } from './format.ts';
export { ArchiveError, type ArchiveErrorCode } from './errors.ts';
export { HUNT_ROWS_MAX, LOOKUP_ROWS_MAX, READ_ONLY_ROWS_MAX } from './limits.ts';
export { clearArchive, hasArchive } from './clear.ts';
export type { Archive, ArchiveStatus, EventQuery, EventRow, SqlOptions, SqlResult } from './types.ts';
