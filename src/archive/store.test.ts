import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as fc from 'fast-check';
import { ENTITY_KINDS, type EntityKind, IndexMaker, entriesNaming, putIndexesTogether } from './store.ts';

interface Named {
  kind: EntityKind;
  name: string;
  index: number;
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-index-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function made(path: string, all: readonly Named[]): string {
  using maker = new IndexMaker(path);
  for (const { kind, name, index } of all) maker.add(kind, name, index);
  maker.finish();
  return path;
}

const named = fc.record({
  kind: fc.constantFrom(...ENTITY_KINDS),
  name: fc.constantFrom('ada', 'P7', "o'neil", '10.0.0.1', 'ß?#%'),
  index: fc.nat({ max: 2 ** 40 }),
});

test('indexes that are put together name what each of them named, also put together again', (t) => {
  const dir = folder(t);
  let run = 0;
  fc.assert(
    fc.property(fc.array(fc.array(named, { maxLength: 30 }), { minLength: 1, maxLength: 5 }), (files) => {
      run += 1;
      const paths = files.map((all, n) => made(join(dir, `${run} ?#-${n}.sqlite`), all));
      const [first = '', ...others] = paths;
      const [half, whole] = [join(dir, `${run}-half.sqlite`), join(dir, `${run}-whole.sqlite`)];
      putIndexesTogether(others, half);
      putIndexesTogether([half, first], whole);
      const all = files.flat();
      for (const { kind, name } of all) {
        const expected = all.filter((one) => one.kind === kind && one.name === name).map(({ index }) => index);
        assert.deepEqual(new Set(entriesNaming(whole, kind, name)), new Set(expected));
      }
    }),
    { numRuns: 30 },
  );
});

test('a list longer than one row takes is whole after it was put together', (t) => {
  const dir = folder(t);
  const many = (from: number): Named[] =>
    Array.from({ length: 20_000 }, (_, n) => ({ kind: 'ip', name: '10.0.0.1', index: from + 3 * n }));
  const paths = [0, 60_000, 120_000].map((from, n) => made(join(dir, `${n}.sqlite`), many(from)));
  putIndexesTogether(paths, join(dir, 'all.sqlite'));
  const found = entriesNaming(join(dir, 'all.sqlite'), 'ip', '10.0.0.1').toSorted((a, b) => a - b);
  assert.deepEqual(
    found,
    Array.from({ length: 60_000 }, (_, n) => 3 * n),
  );
});

test('a missing or damaged index is an error, and is not made', (t) => {
  const dir = folder(t);
  const good = made(join(dir, 'good.sqlite'), [{ kind: 'user', name: 'ada', index: 1 }]);
  writeFileSync(join(dir, 'bad.sqlite'), 'no database at all, but long enough to be looked at'.repeat(100));
  for (const name of ['missing.sqlite', 'bad.sqlite'])
    assert.throws(() => putIndexesTogether([good, join(dir, name)], join(dir, `to-${name}`)));
  assert.throws(() => entriesNaming(join(dir, 'missing.sqlite'), 'user', 'ada'));
});
