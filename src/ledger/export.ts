import { copyFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeDirectory } from '#kernel';
import { LedgerError } from './errors.ts';
import { HASH_BYTES, LEAF_BYTES } from './frame.ts';
import { layoutOf } from './layout.ts';
import { readManifest } from './manifest.ts';
import { openCheckpoint, verifierKeys } from './signing.ts';
import { entryBundlePath, tilePath, tilesForSize } from './tlog/tiles.ts';

/** The tree is public: whoever serves it may be another user. */
const PUBLIC_MODE = 0o777;
const ENTRY_BYTES = 2 + LEAF_BYTES;

export interface ExportResult {
  size: number;
  files: number;
  bytes: number;
}

/**
 * Copies the published tree into an empty directory: `checkpoint` and exactly the tiles and entry bundles that
 * it implies (tlog-tiles), for any static file server. No body and no key is in it.
 * @throws {LedgerError} `missing`, `corrupt`; `exists` when `target` is not empty.
 */
export function exportTree(options: { dir: string; target: string }): ExportResult {
  const { dir, target } = options;
  const layout = layoutOf(dir);
  const manifest = readManifest(layout.manifest, dir);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new LedgerError('exists', `the directory ${target} is not empty`, {
      advice: 'name an empty or new directory',
    });
  }
  const note = readFileSync(layout.checkpoint);
  const head = openCheckpoint(note, { origin: manifest.origin, keys: verifierKeys(manifest.signing) });
  if (head === null) throw new LedgerError('corrupt', 'the published checkpoint is not signed by this log');
  const result = { size: head.size, files: 1, bytes: note.length };
  for (const { level, index, width } of tilesForSize(head.size)) {
    const tile = { path: tilePath(level, index, width), full: tilePath(level, index), bytes: width * HASH_BYTES };
    const bundle = { path: entryBundlePath(index, width), full: entryBundlePath(index), bytes: width * ENTRY_BYTES };
    for (const file of level === 0 ? [tile, bundle] : [tile]) {
      result.bytes += copyTile({ tree: layout.tree, target, ...file });
      result.files += 1;
    }
  }
  makeDirectory(target, PUBLIC_MODE);
  writeFileSync(join(target, 'checkpoint'), note);
  return result;
}

/** Copies one file; a partial one whose tile has become full since is cut from it. */
function copyTile(copy: { tree: string; target: string; path: string; full: string; bytes: number }): number {
  const to = join(copy.target, copy.path);
  makeDirectory(dirname(to), PUBLIC_MODE);
  const from = join(copy.tree, copy.path);
  if (existsSync(from) && statSync(from).size === copy.bytes) {
    copyFileSync(from, to);
    return copy.bytes;
  }
  const full = join(copy.tree, copy.full);
  const bytes = existsSync(full) ? readFileSync(full).subarray(0, copy.bytes) : null;
  if (bytes?.length !== copy.bytes) {
    throw new LedgerError('corrupt', `the file ${copy.path} of the published tree is missing or too short`, {
      advice: 'run: wardkeep ledger verify',
    });
  }
  writeFileSync(to, bytes);
  return bytes.length;
}
