import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '#kernel';
import { SCHEMA_VERSION } from './columns/columns.ts';
import { manifestPath } from './engine/manifest.ts';

export interface ArchiveFormat {
  /** Version of its columns; null where that cannot be read. */
  schema: number | null;
  known: number;
}

/** In which format the archive of a data directory is; null where there is none. Changes nothing. */
export function archiveFormat(dir: string): ArchiveFormat | null {
  try {
    const value = JSON.parse(readFileSync(manifestPath(join(dir, 'archive')), 'utf8')) as { schema?: unknown };
    return { schema: typeof value.schema === 'number' ? value.schema : null, known: SCHEMA_VERSION };
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT' ? null : { schema: null, known: SCHEMA_VERSION };
  }
}
