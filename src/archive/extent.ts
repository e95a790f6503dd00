import { join } from 'node:path';
import { SCHEMA_VERSION } from './columns/columns.ts';
import { type Manifest, readManifest } from './engine/manifest.ts';

/** What the files of an archive hold. */
export interface ArchiveExtent {
  /** Every present entry with a smaller index is in the files. */
  sealedTo: number;
  /** Entries with a smaller index that are not: at most so many whose event is of the time asked for. */
  missing: number;
}

const DAY_MS = 86_400_000;

/**
 * What the archive's files of a log hold, read from its manifest alone. Null where they are no measure of the ledger: there
 * is no archive, it is of another log or another version, it cannot be read, or entries that were erased are still in it.
 * @param sinceMs event time, ms; events bear a time at most a day ahead of their receipt
 */
export function archiveExtent(dir: string, origin: string, sinceMs?: number): ArchiveExtent | null {
  try {
    const manifest = readManifest(join(dir, 'archive'));
    if (manifest === null || manifest.origin !== origin || manifest.schema !== SCHEMA_VERSION) return null;
    if (manifest.erasures.length > 0) return null;
    const { sealedTo, files } = manifest;
    const from = sinceMs === undefined ? 0 : endBefore(files, sinceMs - DAY_MS);
    const rows = files.reduce((sum, file) => (file.first >= from ? sum + file.rows : sum), 0);
    return { sealedTo, missing: Math.max(0, sealedTo - from - rows) };
  } catch {
    return null;
  }
}

/** The index behind the last entry that was received on a day before this moment. */
function endBefore(files: Manifest['files'], ms: number): number {
  const day = new Date(ms).toISOString().slice(0, 10);
  return files.reduce((end, file) => (file.day < day ? Math.max(end, file.last + 1) : end), 0);
}
