import { HASH_BYTES, LEAF_BYTES } from './frame.ts';
import { EMPTY_ROOT, hashTree } from './tlog/hash.ts';
import { TILE_WIDTH, entryBundlePath, tilePath } from './tlog/tiles.ts';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
const ENTRY_BYTES = 2 + LEAF_BYTES;

/** One file of the static tree; `path` is relative to it. */
export interface TileFile {
  path: string;
  width: number;
  bytes: Buffer;
}

/** Reads a file of the static tree, or gives null when it is not there. */
export type ReadTreeFile = (path: string) => Buffer | null;

interface Level {
  /** Index of the tile that fills. */
  index: number;
  width: number;
  bytes: Buffer;
}

/** Grows the tiles and entry bundles of a tree from its leaves, in order. Full files come out as they fill. */
export class TileBuilder {
  readonly #emit: (file: TileFile) => void;
  readonly #levels: Level[] = [];
  readonly #bundle = Buffer.alloc(TILE_WIDTH * ENTRY_BYTES);
  #size = 0;

  constructor(emit: (file: TileFile) => void) {
    this.#emit = emit;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * A builder that goes on behind `size` entries, from the partial files of that size. Null when one of
   * them is missing or too short.
   */
  static restore(size: number, read: ReadTreeFile, emit: (file: TileFile) => void): TileBuilder | null {
    const builder = new TileBuilder(emit);
    builder.#size = size;
    for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / TILE_WIDTH)) {
      const width = rest % TILE_WIDTH;
      const index = Math.floor(rest / TILE_WIDTH);
      const bytes = readPrefix(
        read,
        { full: tilePath(level, index, TILE_WIDTH), partial: tilePath(level, index, width) },
        width * HASH_BYTES,
      );
      if (bytes === null) return null;
      const tile = builder.#level(level);
      tile.index = index;
      tile.width = width;
      bytes.copy(tile.bytes);
    }
    const index = Math.floor(size / TILE_WIDTH);
    const width = size % TILE_WIDTH;
    const paths = { full: entryBundlePath(index, TILE_WIDTH), partial: entryBundlePath(index, width) };
    const entries = readPrefix(read, paths, width * ENTRY_BYTES);
    if (entries === null) return null;
    entries.copy(builder.#bundle);
    return builder;
  }

  /** Root of the tree so far; costs a few hundred hashes. */
  root(): Buffer {
    let right: Buffer | null = null;
    for (const { bytes, width } of this.#levels) {
      if (width === 0) continue;
      const hashes: Buffer = bytes.subarray(0, width * HASH_BYTES);
      right = hashTree(right === null ? hashes : Buffer.concat([hashes, right]));
    }
    return right ?? Buffer.from(EMPTY_ROOT);
  }

  /** Adds leaves and their hashes, n × 47 and n × 32 bytes. */
  append(leaves: Buffer, leafHashes: Buffer): void {
    const count = leafHashes.length / HASH_BYTES;
    for (let from = 0; from < count;) {
      const level = this.#level(0);
      const take = Math.min(count - from, TILE_WIDTH - level.width);
      putEntries(
        this.#bundle,
        level.width * ENTRY_BYTES,
        leaves.subarray(from * LEAF_BYTES, (from + take) * LEAF_BYTES),
      );
      leafHashes.copy(level.bytes, level.width * HASH_BYTES, from * HASH_BYTES, (from + take) * HASH_BYTES);
      level.width += take;
      this.#size += take;
      from += take;
      if (level.width === TILE_WIDTH) this.#closeLeafTile(level);
    }
  }

  /** The partial files that the present size implies: what a client of a checkpoint of this size asks for. */
  partials(): TileFile[] {
    const files: TileFile[] = [];
    this.#levels.forEach(({ index, width, bytes }, level) => {
      if (width > 0)
        files.push({ path: tilePath(level, index, width), width, bytes: bytes.subarray(0, width * HASH_BYTES) });
    });
    const index = Math.floor(this.#size / TILE_WIDTH);
    const width = this.#size % TILE_WIDTH;
    if (width > 0) {
      files.push({ path: entryBundlePath(index, width), width, bytes: this.#bundle.subarray(0, width * ENTRY_BYTES) });
    }
    return files;
  }

  #closeLeafTile(level: Level): void {
    this.#emit({ path: entryBundlePath(level.index, TILE_WIDTH), width: TILE_WIDTH, bytes: Buffer.from(this.#bundle) });
    this.#closeTile(0);
  }

  #closeTile(number: number): void {
    const level = this.#level(number);
    const root = hashTree(level.bytes);
    this.#emit({ path: tilePath(number, level.index, TILE_WIDTH), width: TILE_WIDTH, bytes: Buffer.from(level.bytes) });
    level.index += 1;
    level.width = 0;
    const above = this.#level(number + 1);
    root.copy(above.bytes, above.width * HASH_BYTES);
    above.width += 1;
    if (above.width === TILE_WIDTH) this.#closeTile(number + 1);
  }

  #level(number: number): Level {
    const found = this.#levels[number];
    if (found !== undefined) return found;
    const fresh = { index: 0, width: 0, bytes: Buffer.alloc(TILE_BYTES) };
    this.#levels[number] = fresh;
    return fresh;
  }
}

/** Writes leaves as entries of a bundle at `at`. So few bytes are moved faster one by one than by a call. */
function putEntries(bundle: Buffer, at: number, leaves: Buffer): void {
  let to = at;
  for (let from = 0; from < leaves.length;) {
    bundle[to] = 0;
    bundle[to + 1] = LEAF_BYTES;
    to += 2;
    for (const end = from + LEAF_BYTES; from < end; from += 1, to += 1) bundle[to] = leaves[from] ?? 0;
  }
}

/** The first `bytes` bytes of a tile: of the partial file, or of the full one that took its place. */
function readPrefix(read: ReadTreeFile, paths: { full: string; partial: string }, bytes: number): Buffer | null {
  if (bytes === 0) return Buffer.alloc(0);
  const found = read(paths.partial) ?? read(paths.full);
  return found === null || found.length < bytes ? null : found.subarray(0, bytes);
}
