import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs } from '../../test/support/shared.ts';
import { PAIRS_MAX, readKeyValues } from './key-values.ts';

test('quoted and bare values, words that are no pair, the last of a repeated key', () => {
  const { fields, quoted } = readKeyValues(`a=1 word b="x y" c='p="q"' d= a=2, __proto__=z e="open`);
  assert.deepEqual(Object.entries(fields), [
    ['a', '2,'],
    ['b', 'x y'],
    ['c', 'p="q"'],
    ['d', ''],
    ['__proto__', 'z'],
    ['e', '"open'],
  ]);
  assert.deepEqual([...quoted], ['b', 'c']);
});

test('values with blanks, and escaped quotes, where the format has them', () => {
  assert.deepEqual(readKeyValues('p=/bin/x -Da=b c   k=v', { spacedValues: true }).fields, {
    p: '/bin/x -Da=b c',
    k: 'v',
  });
  assert.deepEqual(readKeyValues('p="a \\"b\\" \\\\" k=v', { escapes: true }).fields, { p: 'a "b" \\', k: 'v' });
});

test('what was written is read back', () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,12}$/);
  const value = fc.string({ maxLength: 20 }).filter((text) => !/[\n\r]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (expected) => {
      const text = Object.entries(expected).map(([name, one]) => `${name}="${one.replace(/(["\\])/g, '\\$1')}"`);
      assert.deepEqual(readKeyValues(text.join(' '), { escapes: true }).fields, expected);
    }),
  );
});

test('a hostile line is read in one pass', () => {
  for (const unit of [' ', '"', 'a="', "a='x ", 'a=b ', ' =', 'é'])
    assert.ok(Object.keys(readKeyValues(unit.repeat(200_000), { spacedValues: true }).fields).length <= PAIRS_MAX);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '=', ' ', "'", '"', '\\', ',', '-', '\t'), maxLength: 60 }),
      fc.boolean(),
      (text, flag) => {
        readKeyValues(text, { spacedValues: flag, escapes: !flag });
      },
    ),
    { numRuns: fuzzInputs() },
  );
});
