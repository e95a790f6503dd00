import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files looked at to tell how much there is to read; with more, the total is not known. */
const LOOKED_AT_MAX = 20_000;
const COMPRESSED = /\.(?:gz|tgz|zip)$/i;

/**
 * Bytes on disk under the given paths, for progress and for the number of threads. `exact` is false when archives are among
 * them or not all could be looked at: then it says nothing about how much there will be to read.
 */
export function inputBytes(paths: readonly string[]): { bytes: number; exact: boolean } {
  const total = { bytes: 0, exact: true, seen: 0 };
  for (const path of paths) addPath(path, total);
  return { bytes: total.bytes, exact: total.exact };
}

function addPath(path: string, total: { bytes: number; exact: boolean; seen: number }): void {
  total.seen += 1;
  if (total.seen > LOOKED_AT_MAX) {
    total.exact = false;
    return;
  }
  try {
    const info = statSync(path);
    if (info.isDirectory()) for (const entry of entriesOf(path)) addPath(join(path, entry.name), total);
    else total.bytes += info.size;
    if (COMPRESSED.test(path)) total.exact = false;
  } catch {
    // The reading itself reports what cannot be read.
    total.exact = false;
  }
}

function entriesOf(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() || entry.isFile());
}
