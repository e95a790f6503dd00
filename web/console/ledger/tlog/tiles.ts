import { malformed, sameBytes } from './bytes.ts';
import { type Hash, HASH_BYTES, hashTree } from './hash.ts';

/** Hashes of a full tile, and levels of the tree that one tile spans (C2SP tlog-tiles). */
const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

export interface TileRef {
  level: number;
  index: number;
  width: number;
}

/** Gives the bytes of a tile. */
export type FetchTile = (path: string) => Promise<ArrayBuffer>;

/** `tile/<level>/<index>[.p/<width>]`, the index in groups of three digits. */
export function tilePath({ level, index, width }: TileRef): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').replaceAll(/[0-9]{3}(?=[0-9])/g, 'x$&/');
  return `tile/${level}/${groups}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** All tiles of a tree, level by level from the leaves: how many are full, and the partial one at the right edge. */
export function tilesOf(size: number): { level: number; full: number; partial: number }[] {
  const levels: { level: number; full: number; partial: number }[] = [];
  for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH))
    levels.push({ level, full: Math.floor(nodes / TILE_WIDTH), partial: nodes % TILE_WIDTH });
  return levels;
}

/**
 * A tree of a size, read through its tiles. The root over the right edge authenticates the partial tiles; each full tile is
 * authenticated by its hash in the tile above. So whatever is read here either leads to the root, or is found out.
 */
export class TileTree {
  readonly size: number;
  readonly #fetch: FetchTile;
  readonly #tiles = new Map<string, Promise<readonly Hash[]>>();

  constructor(size: number, fetch: FetchTile) {
    this.size = size;
    this.#fetch = fetch;
  }

  /** The root of the first `count` leaves: whole subtrees from the largest to the smallest, joined from the right. */
  async root(count: number): Promise<Hash> {
    const peaks: Hash[] = [];
    let start = 0;
    for (let height = 52; height >= 0; height -= 1) {
      const leaves = 2 ** height;
      if (start + leaves > count) continue;
      peaks.push(await this.node(height, start / leaves));
      start += leaves;
    }
    if (peaks.length === 0) return hashTree([]);
    let root = peaks.pop() as Hash;
    while (peaks.length > 0) root = await hashTree([peaks.pop() as Hash, root]);
    return root;
  }

  /** The node `index` at `height` above the leaves, hashed from the tile that holds what lies below it. */
  async node(height: number, index: number): Promise<Hash> {
    const level = Math.floor(height / TILE_HEIGHT);
    const below = 2 ** (height % TILE_HEIGHT);
    const first = index * below;
    const tile = await this.tile(level, Math.floor(first / TILE_WIDTH));
    return hashTree(tile.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + below));
  }

  /** Whether a full tile has the hash that the tile above names for it. */
  async isLinked(level: number, index: number): Promise<boolean> {
    const parent = await this.tile(level + 1, Math.floor(index / TILE_WIDTH));
    const named = parent[index % TILE_WIDTH];
    return named !== undefined && sameBytes(await hashTree(await this.tile(level, index)), named);
  }

  /** @throws {MalformedError} when the reply has another length; what fetching throws passes through. */
  tile(level: number, index: number): Promise<readonly Hash[]> {
    const ref = this.tileRef(level, index);
    const path = tilePath(ref);
    let tile = this.#tiles.get(path);
    if (tile === undefined) {
      tile = this.#read(ref);
      this.#tiles.set(path, tile);
    }
    return tile;
  }

  tileRef(level: number, index: number): TileRef {
    const nodes = Math.floor(this.size / TILE_WIDTH ** level);
    return { level, index, width: Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH) };
  }

  async #read(ref: TileRef): Promise<readonly Hash[]> {
    const path = tilePath(ref);
    const bytes = await this.#bytesOf(ref);
    if (bytes.byteLength < ref.width * HASH_BYTES) throw malformed(`${path} does not have ${ref.width} hashes`);
    return Array.from(
      { length: ref.width },
      (_one, at) => new Uint8Array(bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
    );
  }

  /** A log may drop a partial tile once the full one is there, which begins with the same hashes. */
  async #bytesOf(ref: TileRef): Promise<ArrayBuffer> {
    if (ref.width === TILE_WIDTH) return this.#fetch(tilePath(ref));
    try {
      return await this.#fetch(tilePath(ref));
    } catch (error) {
      return await this.#fetch(tilePath({ ...ref, width: TILE_WIDTH })).catch(() => {
        throw error;
      });
    }
  }
}
