import { TlogError, malformed } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { TREE_SIZE_MAX } from './sizes.ts';

/** Hashes of a full tile, entries of a full bundle (tlog-tiles). */
export const TILE_WIDTH = 256;

/** Levels of tiles of a tree of at most `TREE_SIZE_MAX` leaves: 256^7 is above it. */
const TILE_LEVELS_MAX = 7;

/** Longest entry that an entry bundle can carry, bytes. */
const ENTRY_BYTES_MAX = 65_535;

/** Highest level that a path may name (tlog-tiles). */
const PATH_LEVEL_MAX = 63;

/** A hash tile; `width` is 256 for a full one, 1 to 255 for a partial one. */
export interface TileRef {
  level: number;
  index: number;
  width: number;
}

/** What a path names: a hash tile or an entry bundle. */
export type TilePath = ({ kind: 'tile' } & TileRef) | { kind: 'entries'; index: number; width: number };

/** `tile/<level>/<index>[.p/<width>]` below the log's prefix; the index in `x`-prefixed groups of three digits. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index)}${partialSuffix(width)}`;
}

/** `tile/entries/<index>[.p/<width>]` below the log's prefix. */
export function entryBundlePath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${partialSuffix(width)}`;
}

const TILE_PATH =
  /^tile\/(?<level>entries|0|[1-9][0-9]?)\/(?<index>(?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/(?<width>[1-9][0-9]{0,2}))?$/;

/**
 * Reads a path below the log's prefix. Only the one canonical form of each path is taken.
 * @throws {TlogError} `malformed` for anything else, `limit` for an index above `TREE_SIZE_MAX`.
 */
export function parseTilePath(path: string): TilePath {
  const groups = TILE_PATH.exec(path)?.groups;
  if (groups === undefined) throw malformed('not the path of a tile or an entry bundle');
  const { level = '', index: digits = '', width: partial } = groups;
  if (digits.startsWith('x000/')) throw malformed('the index of a tile has no leading groups of zeros');
  const index = Number(digits.replaceAll(/[x/]/g, ''));
  if (index > TREE_SIZE_MAX) throw new TlogError('limit', 'the index of a tile is above 2^53 - 1');
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (partial !== undefined && width >= TILE_WIDTH) throw malformed('a partial tile has at most 255 hashes');
  if (level === 'entries') return { kind: 'entries', index, width };
  if (Number(level) > PATH_LEVEL_MAX) throw malformed('the level of a tile is at most 63');
  return { kind: 'tile', level: Number(level), index, width };
}

/** The tile `index` at `level` as a tree of `size` leaves has it, or null when it would be empty. */
export function tileAt(size: number, level: number, index: number): TileRef | null {
  const nodes = Math.floor(size / TILE_WIDTH ** level);
  const width = Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : null;
}

/**
 * Every hash tile of a tree of `size` leaves, level by level from the leaves. The tiles of level 0 are the
 * entry bundles as well.
 */
export function* tilesForSize(size: number): Generator<TileRef> {
  for (let level = 0; level <= TILE_LEVELS_MAX; level++) {
    const tiles = Math.ceil(Math.floor(size / TILE_WIDTH ** level) / TILE_WIDTH);
    if (tiles === 0) return;
    for (let index = 0; index < tiles; index++) {
      const tile = tileAt(size, level, index);
      if (tile !== null) yield tile;
    }
  }
}

/**
 * The tiles that a tree of `size` leaves has and the same tree at `oldSize` ≤ `size` had not, in the width of
 * `size`: what a writer adds after an append.
 */
export function* tilesForGrowth(oldSize: number, size: number): Generator<TileRef> {
  for (let level = 0; level <= TILE_LEVELS_MAX; level++) {
    const oldNodes = Math.floor(oldSize / TILE_WIDTH ** level);
    const nodes = Math.floor(size / TILE_WIDTH ** level);
    if (nodes === 0) return;
    if (nodes === oldNodes) continue;
    for (let index = Math.floor(oldNodes / TILE_WIDTH); index * TILE_WIDTH < nodes; index++) {
      const tile = tileAt(size, level, index);
      if (tile !== null) yield tile;
    }
  }
}

/**
 * The bytes of an entry bundle: `u16 length ‖ entry` for each.
 * @throws {TlogError} `limit` for an entry above 65,535 bytes or more than 256 entries.
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length > TILE_WIDTH) throw new TlogError('limit', 'an entry bundle holds at most 256 entries');
  let bytes = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw new TlogError('limit', 'an entry is longer than 65,535 bytes');
    bytes += 2 + entry.length;
  }
  const out = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const entry of entries) {
    at = out.writeUInt16BE(entry.length, at);
    out.set(entry, at);
    at += entry.length;
  }
  return out;
}

/**
 * The entries of a bundle, as views into `bytes`.
 * @throws {TlogError} `malformed` when the bytes end inside an entry, `limit` above 256 entries.
 */
export function decodeEntryBundle(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === TILE_WIDTH) throw new TlogError('limit', 'an entry bundle holds more than 256 entries');
    if (at + 2 > bytes.length) throw malformed('an entry bundle ends inside a length');
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) throw malformed('an entry bundle ends inside an entry');
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** Bytes of a tile of `width` hashes. */
export function tileBytes(width: number): number {
  return width * HASH_BYTES;
}

function indexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return padded.replaceAll(/[0-9]{3}(?=[0-9])/g, 'x$&/');
}

function partialSuffix(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
