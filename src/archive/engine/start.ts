import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '#kernel';
import { indexPath } from './file-index.ts';
import { removeFile } from './files.ts';
import { type Manifest, emptyManifest, readManifest, writeManifest } from './manifest.ts';

export interface StartOptions {
  root: string;
  origin: string;
  ledgerSize: number;
  isReadOnly: boolean;
  log: Log;
}

/** The manifest that is to be gone on with; an archive of another ledger, or of one that went back, is made anew. */
export function usableManifest({ root, origin, ledgerSize, isReadOnly, log }: StartOptions): Manifest {
  const found = readManifest(root);
  const fresh = emptyManifest(origin);
  if (found === null) return fresh;
  if (found.origin === origin && found.schema === fresh.schema && found.sealedTo <= ledgerSize) return found;
  log.warn('the archive does not fit the ledger and is made anew', { sealedTo: found.sealedTo, ledgerSize });
  if (!isReadOnly) writeManifest(root, fresh);
  return fresh;
}

/** What a crash left behind: temporary files, and files that no manifest names. */
export function removeOrphans(root: string, manifest: Manifest): void {
  const known = new Set(manifest.files.flatMap(({ name }) => [name, indexPath(name)]));
  rmSync(join(root, 'tmp'), { recursive: true, force: true });
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || !/^day=\d{4}-\d\d-\d\d$/.test(entry.name)) continue;
    const folder = join(root, entry.name);
    for (const name of readdirSync(folder)) if (!known.has(`${entry.name}/${name}`)) removeFile(join(folder, name));
    if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  }
}
