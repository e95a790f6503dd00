export type { Archive, EventQuery, EventRow, SqlOptions, SqlResult } from './types.ts';
