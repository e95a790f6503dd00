import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { matchesPattern } from './scan.ts';

test('a pattern matches what the same regular expression does', () => {
  const some = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 12 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
  fc.assert(
    fc.property(some, name, (pattern, text) => {
      const expression = pattern
        .replaceAll('.', String.raw`\.`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
      assert.equal(matchesPattern(text, pattern), new RegExp(`^${expression}$`).test(text));
    }),
  );
});

test('a pattern made to take long does not', () => {
  assert.equal(matchesPattern('a'.repeat(200), `${'*a'.repeat(60)}b`), false);
});
