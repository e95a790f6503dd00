import { close, closeSync, fsync, open, openSync, readFileSync, readSync, rename, rmSync, write } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { syncPath, systemErrorCode } from '#kernel';
import { LedgerError, writeError } from './errors.ts';
import type { Faults } from './faults.ts';
import { TILE_WRITES_AT_ONCE } from './limits.ts';
import type { TileFile } from './tile-builder.ts';
import type { ReadTile } from './tlog/prove.ts';
import { TILE_WIDTH, tilePath } from './tlog/tiles.ts';

const openAsync = promisify(open);
const writeAsync = promisify(write);
const fsyncAsync = promisify(fsync);
const renameAsync = promisify(rename);
const closeAsync = promisify(close);

/** Reads a file of the static tree, or gives null when it is not there. */
export function readTreeFile(tree: string, path: string): Buffer | null {
  try {
    return readFileSync(join(tree, path));
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

/**
 * Reads a file of the static tree into `room`: what of it finds place there, as a view, or null when it is not there.
 * So a caller that knows how long a file must be gives a byte more, and reads many of them without new memory.
 */
export function readTreeFileInto(tree: string, path: string, room: Buffer): Buffer | null {
  let fd: number;
  try {
    fd = openSync(`${tree}/${path}`, 'r');
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
  try {
    let filled = 0;
    for (let got = 1; got > 0 && filled < room.length; filled += got)
      got = readSync(fd, room, filled, room.length - filled, null);
    return room.subarray(0, filled);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  } finally {
    closeSync(fd);
  }
}

function isAbsence(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** Tiles of a static tree for the proof builders; the full tile serves for each of its partials. */
export function tileReader(tree: string): ReadTile {
  const known = new Map<string, Buffer>();
  return ({ level, index, width }) => {
    const key = `${level}/${index}/${width}`;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const partial = width === TILE_WIDTH ? null : readTreeFile(tree, tilePath(level, index, width));
    const bytes = partial ?? readTreeFile(tree, tilePath(level, index, TILE_WIDTH));
    if (bytes === null) throw new LedgerError('corrupt', `the tile ${tilePath(level, index, width)} is missing`);
    known.set(key, bytes);
    return bytes;
  };
}

/** Writes files of the static tree: a few at once, each under a temporary name, synced, renamed; then the directories. */
export class TreeWriter {
  readonly #tree: string;
  readonly #faults: Faults;
  readonly #directories = new Set<string>();
  #waiting: TileFile[] = [];

  constructor(tree: string, faults: Faults) {
    this.#tree = tree;
    this.#faults = faults;
  }

  add(file: TileFile): void {
    this.#waiting.push(file);
  }

  /** Files that wait to be written. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Writes what waits. A file that is there with the same bytes stays; a full file is never given other bytes.
   * @throws {LedgerError} `disk_full`, `write_failed`; `corrupt` when a full file with other bytes is there.
   */
  async flush(): Promise<void> {
    const files = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < files.length; at += TILE_WRITES_AT_ONCE) {
      const results = await Promise.allSettled(
        files.slice(at, at + TILE_WRITES_AT_ONCE).map((file) => this.#write(file)),
      );
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  }

  /** Makes the names of all written files durable. */
  syncDirectories(): void {
    for (const directory of this.#directories) syncPath(directory);
    this.#directories.clear();
  }

  async #write(file: TileFile): Promise<void> {
    const path = join(this.#tree, file.path);
    const existing = readTreeFile(this.#tree, file.path);
    if (existing?.equals(file.bytes) === true) {
      // It may come from an attempt that ended before its name was made durable.
      for (let at = dirname(path); at.length >= this.#tree.length; at = dirname(at)) this.#directories.add(at);
      return;
    }
    if (existing !== null && file.width === TILE_WIDTH) {
      throw new LedgerError('corrupt', `the tile ${file.path} is there with other bytes`, {
        advice: 'run: wardkeep ledger verify',
      });
    }
    try {
      const fault = this.#faults('tile-write', file.bytes.length);
      if (fault !== null) throw fault.error;
      await this.#makeDirectory(dirname(path));
      await writeSynced(path, file.bytes);
    } catch (error) {
      throw writeError(error, `the tile ${file.path}`);
    }
  }

  async #makeDirectory(directory: string): Promise<void> {
    if (this.#directories.has(directory)) return;
    const first = await mkdir(directory, { recursive: true, mode: 0o700 });
    this.#directories.add(directory);
    if (first === undefined) return;
    for (let made = directory; made.length >= first.length; made = dirname(made)) this.#directories.add(dirname(made));
  }
}

/** Removes the partial versions of a tile that has become full. */
export function removePartials(tree: string, fullPath: string): void {
  rmSync(join(tree, `${fullPath}.p`), { recursive: true, force: true });
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.tmp`;
  const fd = await openAsync(temporary, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += (await writeAsync(fd, bytes, at)).bytesWritten;
    await fsyncAsync(fd);
  } finally {
    await closeAsync(fd);
  }
  await renameAsync(temporary, path);
}
