import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { nestsDeeper } from './index.ts';

/** The plain way: over the value itself. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('a text nests exactly as deep as its value, brackets and quotation marks in strings aside', () => {
  const text = fc.oneof(fc.constantFrom('{', '[[', '"', '\\', '\\"', ']}', '\\\\"{'), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 8 }, text, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(text, tie('value'))),
  }));
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 9 }), fc.constantFrom(undefined, 1), (one, levels, indent) => {
      assert.equal(nestsDeeper(JSON.stringify(one, null, indent), levels), depthOf(one) > levels);
    }),
    { numRuns: 2000 },
  );
});

test('many brackets side by side are not deep, and a hundred thousand within each other are', () => {
  assert.equal(nestsDeeper(JSON.stringify(Array.from({ length: 1000 }, () => [{}])), 3), false);
  assert.equal(nestsDeeper('['.repeat(100_000), 64), true);
});
