import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { orRefused } from '../../../test/support/tlog.ts';
import { TlogError } from './errors.ts';
import {
  type TileRef,
  decodeEntryBundle,
  encodeEntryBundle,
  entryBundlePath,
  parseTilePath,
  tileAt,
  tilePath,
  tilesForGrowth,
  tilesForSize,
} from './tiles.ts';

test('paths have the form of tlog-tiles', () => {
  assert.equal(tilePath(0, 0), 'tile/0/000');
  assert.equal(tilePath(1, 999, 17), 'tile/1/999.p/17');
  assert.equal(tilePath(0, 1000), 'tile/0/x001/000');
  assert.equal(entryBundlePath(1_234_067), 'tile/entries/x001/x234/067');
  assert.equal(entryBundlePath(5, 1), 'tile/entries/005.p/1');
});

test('each path is read back as what it names', () => {
  fc.assert(
    fc.property(fc.nat({ max: 63 }), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      assert.deepEqual(parseTilePath(tilePath(level, index, width)), { kind: 'tile', level, index, width });
      assert.deepEqual(parseTilePath(entryBundlePath(index, width)), { kind: 'entries', index, width });
    }),
  );
});

test('no other form of a path is taken', () => {
  const bad = [
    '',
    'tile/0',
    'tile/00/000',
    'tile/64/000',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/entry/000',
    'tile/-1/000',
    'tile/0/../000',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
  ];
  for (const path of bad) assert.throws(() => parseTilePath(path), TlogError, path);
});

test('a path from outside is refused or is the one form of what it names', () => {
  const samples = ['tile/0/000', 'tile/entries/x001/x234/067', 'tile/3/x001/000.p/255'].map((path) =>
    Buffer.from(path),
  );
  const below = seeded(1);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const path = mutate(samples, below).toString('latin1');
    const parsed = orRefused(() => parseTilePath(path));
    if (parsed === null) continue;
    const { index, width } = parsed;
    assert.equal(parsed.kind === 'tile' ? tilePath(parsed.level, index, width) : entryBundlePath(index, width), path);
  }
});

test('a bundle gives back its entries', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
      assert.deepEqual(
        decodeEntryBundle(encodeEntryBundle(entries)),
        entries.map((entry) => Buffer.from(entry)),
      );
    }),
  );
  assert.equal(encodeEntryBundle([Buffer.alloc(65_535)]).length, 65_537);
  assert.throws(() => encodeEntryBundle([Buffer.alloc(65_536)]), { code: 'limit' });
  assert.throws(() => encodeEntryBundle(Array.from({ length: 257 }, () => Buffer.alloc(0))), { code: 'limit' });
  assert.throws(() => decodeEntryBundle(Buffer.alloc(2 * 257)), { code: 'limit' });
  assert.throws(() => decodeEntryBundle(Buffer.from([0])), { code: 'malformed' });
  assert.throws(() => decodeEntryBundle(Buffer.from([0, 2, 1])), { code: 'malformed' });
});

test('a bundle from outside is refused or is the bytes of its entries', () => {
  const samples = [
    encodeEntryBundle([Buffer.from('one'), Buffer.alloc(47, 7)]),
    encodeEntryBundle([Buffer.alloc(300)]),
  ];
  const below = seeded(2);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate(samples, below);
    const entries = orRefused(() => decodeEntryBundle(bytes));
    if (entries !== null) assert.deepEqual(encodeEntryBundle(entries), bytes);
  }
});

test('the tiles of a size are those of the specification: full ones, then a partial one, a level at a time', () => {
  assert.deepEqual([...tilesForSize(0)], []);
  assert.deepEqual([...tilesForSize(256)], [tile(0, 0, 256), tile(1, 0, 1)]);
  const tiles = [...tilesForSize(70_000)];
  assert.equal(tiles.length, 277);
  assert.deepEqual(tiles.slice(-5), [
    tile(0, 272, 256),
    tile(0, 273, 112),
    tile(1, 0, 256),
    tile(1, 1, 17),
    tile(2, 0, 1),
  ]);
});

test('the tiles of a growth are those whose width changed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 200_000 }), fc.nat({ max: 70_000 }), (oldSize, added) => {
      const old = new Set([...tilesForSize(oldSize)].map((ref) => JSON.stringify(ref)));
      const wanted = [...tilesForSize(oldSize + added)].filter((ref) => !old.has(JSON.stringify(ref)));
      assert.deepEqual([...tilesForGrowth(oldSize, oldSize + added)], wanted);
    }),
    { numRuns: 50 },
  );
});

test('a tile beyond the tree is none', () => {
  assert.equal(tileAt(256, 0, 1), null);
  assert.equal(tileAt(255, 1, 0), null);
  assert.deepEqual(tileAt(2 ** 40 + 5, 0, 2 ** 32), tile(0, 2 ** 32, 5));
});

function tile(level: number, index: number, width: number): TileRef {
  return { level, index, width };
}
