import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { manifestPath } from './engine/manifest.ts';

/** Whether a data directory has an archive. */
export function hasArchive(dir: string): boolean {
  return existsSync(manifestPath(join(dir, 'archive')));
}

/**
 * Deletes the archive of a data directory, so that the next opening makes it anew; only the key of the stand-ins stays, so
 * that they stay the same. For the process that holds the ledger's write lock.
 */
export function clearArchive(dir: string): void {
  const root = join(dir, 'archive');
  if (!existsSync(root)) return;
  // The manifest first: without it no file counts.
  rmSync(manifestPath(root), { force: true });
  for (const name of readdirSync(root))
    if (name !== 'stand-in.key') rmSync(join(root, name), { recursive: true, force: true });
}
