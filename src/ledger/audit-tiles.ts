import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '#kernel';
import type { AuditReport } from './audit-report.ts';
import type { Frame } from './frame.ts';
import { HASH_BYTES, LEAF_BYTES } from './frame.ts';
import type { TileFile } from './tile-builder.ts';
import { TileBuilder } from './tile-builder.ts';
import { TILE_WIDTH, parseTilePath } from './tlog/tiles.ts';
import { readTreeFileInto } from './tree-files.ts';

/** Compares the files of the static tree with the tiles that the journal's leaves give. */
export class TileAudit {
  readonly #tree: string;
  readonly #publishedSize: number;
  readonly #report: AuditReport;
  readonly #builder = new TileBuilder((file) => this.#full(file));
  /** Files that are there and have not been compared yet. */
  readonly #present: Set<string>;
  /** Names of the partial files by the path of the full one. */
  readonly #partials = new Map<string, string[]>();
  /** For the file that is read: the longest one that fits a tile, and one byte more to notice a longer one. */
  readonly #content = Buffer.alloc(TILE_WIDTH * (2 + LEAF_BYTES) + 1);

  constructor(tree: string, options: { publishedSize: number; report: AuditReport }) {
    this.#tree = tree;
    this.#publishedSize = options.publishedSize;
    this.#report = options.report;
    this.#present = new Set(listFiles(tree, 'tile'));
    for (const path of this.#present) {
      const fullPath = fullPathOf(path);
      if (fullPath === path) continue;
      const names = this.#partials.get(fullPath);
      const name = path.slice(fullPath.length + '.p/'.length);
      if (names === undefined) this.#partials.set(fullPath, [name]);
      else names.push(name);
    }
  }

  get size(): number {
    return this.#builder.size;
  }

  /** Root of the tree so far. */
  root(): Buffer {
    return this.#builder.root();
  }

  append(frame: Pick<Frame, 'leaves' | 'leafHashes'>): void {
    this.#builder.append(frame.leaves, frame.leafHashes);
  }

  /** The tree has the size of the checkpoint: the partial files of that size, or the full ones, must be there. */
  atCheckpoint(): void {
    for (const file of this.#builder.partials()) {
      const exact = this.#read(file.path);
      // Of the full file that has taken its place, what reaches behind the checkpoint is compared when the tree does.
      const bytes = exact ?? this.#read(fullPathOf(file.path))?.subarray(0, file.bytes.length) ?? null;
      this.#compare(file, bytes, true);
    }
  }

  /** Looks at what is left: partial files behind the last full one; nothing else may be there. */
  finish(whole: boolean): void {
    for (const file of whole ? this.#builder.partials() : []) this.#partialsOf(fullPathOf(file.path), file.bytes);
    for (const path of this.#present) {
      if (path.endsWith('.tmp') || (!whole && endOf(path) > this.#builder.size)) continue;
      const index = endOf(path) > this.#builder.size ? Math.max(this.#builder.size, indexOf(path)) : indexOf(path);
      this.#report.bad(index, `the file ${path} does not belong to the tree`);
    }
  }

  #full(file: TileFile): void {
    const bytes = this.#present.delete(file.path) ? this.#read(file.path) : null;
    this.#compare(file, bytes, endOf(file.path) <= this.#publishedSize);
    this.#partialsOf(file.path, file.bytes);
  }

  #partialsOf(fullPath: string, content: Buffer): void {
    const names = this.#partials.get(fullPath);
    if (names === undefined) return;
    const entryBytes = fullPath.startsWith('tile/entries/') ? LEAF_BYTES + 2 : HASH_BYTES;
    const width = content.length / entryBytes;
    for (const name of names) {
      const path = `${fullPath}.p/${name}`;
      const partial = Number(name);
      if (!(partial <= width) || !this.#present.delete(path)) continue;
      const bytes = this.#read(path);
      this.#compare({ path, width: partial, bytes: content.subarray(0, partial * entryBytes) }, bytes, false);
    }
  }

  /** The bytes of a file, valid until the next call; null when it is not there. */
  #read(path: string): Buffer | null {
    return readTreeFileInto(this.#tree, path, this.#content);
  }

  #compare(file: TileFile, bytes: Buffer | null, required: boolean): void {
    this.#present.delete(file.path);
    if (bytes === null) {
      if (required) this.#report.bad(indexOf(file.path), `the file ${file.path} is missing`);
      return;
    }
    if (bytes.equals(file.bytes)) return;
    this.#report.bad(
      indexOf(file.path) + firstDifference(file, bytes),
      `the file ${file.path} is not what the journal gives`,
    );
  }
}

/** How many entries before the first one that a difference touches. */
function firstDifference(file: TileFile, found: Buffer): number {
  const parsed = parseTilePath(file.path);
  const step = file.bytes.length / file.width;
  let at = 0;
  while (
    at < file.width &&
    file.bytes.subarray(at * step, (at + 1) * step).equals(found.subarray(at * step, (at + 1) * step))
  )
    at += 1;
  const covers = parsed.kind === 'tile' ? TILE_WIDTH ** parsed.level : 1;
  return Math.min(at, file.width - 1) * covers;
}

/** First entry that a file covers; 0 for a file that is no tile. */
function indexOf(path: string): number {
  try {
    const parsed = parseTilePath(path);
    return parsed.index * TILE_WIDTH ** (parsed.kind === 'tile' ? parsed.level + 1 : 1);
  } catch {
    return 0;
  }
}

/** Index behind the last entry that a file covers; 0 for a file that is no tile. */
function endOf(path: string): number {
  try {
    const parsed = parseTilePath(path);
    return (parsed.index * TILE_WIDTH + parsed.width) * TILE_WIDTH ** (parsed.kind === 'tile' ? parsed.level : 0);
  } catch {
    return 0;
  }
}

function fullPathOf(partialPath: string): string {
  return partialPath.replace(/\.p\/\d+$/, '');
}

/** Paths of all files below `start`, relative to `tree`. */
function listFiles(tree: string, start: string): string[] {
  const files: string[] = [];
  const directories = [start];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    let entries;
    try {
      entries = readdirSync(join(tree, directory), { withFileTypes: true });
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') continue;
      throw error;
    }
    for (const entry of entries) (entry.isDirectory() ? directories : files).push(`${directory}/${entry.name}`);
  }
  return files;
}
