import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import type { LineSource } from '../../src/ingest/source.ts';
import type { NativeRecord } from '../../src/ingest/types.ts';
import { fuzzInputs, sharedPath } from './shared.ts';

/** The lines of a shared log, without the empty ones. */
export function logLines(file: string): string[] {
  return readFileSync(sharedPath(`formats/${file}`), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

/** The record that a source makes of one bare line; asserts that it makes one. */
export function parseLine(source: LineSource, line: string): NativeRecord {
  const parsed = source.parse(line, null);
  assert.ok(parsed !== null && 'family' in parsed, `not read: ${line.slice(0, 100)}`);
  return parsed;
}

/** Feeds cut, spliced and garbled forms of real lines: the source may refuse them but never throws or hangs. */
export function fuzzLines(source: LineSource, seeds: readonly string[]): void {
  const seed = fc.constantFrom(...seeds);
  const spot = fc.nat({ max: 400 });
  const noise = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('"', '\\', ', ', '=', ',,', '[', 'null', '\u0000', '\uFFFD'),
  );
  const garbled = fc.tuple(seed, seed, spot, noise).map(([a, b, at, text]) => a.slice(0, at) + text + b.slice(at));
  fc.assert(
    fc.property(
      fc.oneof(
        garbled,
        seed.map((line) => line.repeat(3)),
        fc.string(),
      ),
      (line) => void source.parse(line, null),
    ),
    {
      numRuns: fuzzInputs(),
    },
  );
}
