import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Paths of all files under `dir`, relative to it, with `/`; an empty list where it does not exist. */
export function filesUnder(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch {
    return [];
  }
}
