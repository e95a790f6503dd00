import { join } from 'node:path';
import { SCHEMA_VERSION } from './columns/columns.ts';
import { readManifest } from './engine/manifest.ts';

/** What the files of an archive hold. */
export interface ArchiveExtent {
  /** Every present entry with a smaller index is in the files. */
  sealedTo: number;
  /** Entries in the files. */
  rows: number;
}

/**
 * What the archive's files of a log hold, read from its manifest alone. Null where they are no measure of the ledger: there
 * is no archive, it is of another log or another version, it cannot be read, or entries that were erased are still in it.
 */
export function archiveExtent(dir: string, origin: string): ArchiveExtent | null {
  try {
    const manifest = readManifest(join(dir, 'archive'));
    if (manifest === null || manifest.origin !== origin || manifest.schema !== SCHEMA_VERSION) return null;
    if (manifest.erasures.length > 0) return null;
    return { sealedTo: manifest.sealedTo, rows: manifest.files.reduce((rows, file) => rows + file.rows, 0) };
  } catch {
    return null;
  }
}
