import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import type { LineSource } from '../../src/ingest/source.ts';
import { splitEnvelope } from '../../src/ingest/syslog/envelope.ts';
import type { Family, NativeRecord } from '../../src/ingest/types.ts';
import { checkFamilyNeverLoses } from './family.ts';
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

/** The record that the first of the sources makes of a line in its syslog envelope; null where none takes it. */
export function readBy(sources: readonly LineSource[], line: string): NativeRecord | null {
  const { envelope, text } = splitEnvelope(line);
  for (const source of sources) {
    const parsed = source.parse(text, envelope);
    if (parsed !== null && 'family' in parsed) return parsed;
  }
  return null;
}

/** `checkFamilyNeverLoses` for each of the families, from those of the records that are its own; each has some. */
export function checkFamiliesNeverLose(families: Iterable<Family>, records: readonly NativeRecord[]): void {
  for (const family of families) {
    const own = records.filter((record) => record.family === family.name);
    assert.ok(own.length > 0, `no record of ${family.name}`);
    checkFamilyNeverLoses(family, own, 150);
  }
}

/** Lines that miss up to eight characters somewhere and have others in their place. */
export function cutLines(lines: readonly string[]): fc.Arbitrary<string> {
  const longest = Math.max(...lines.map((line) => line.length));
  return fc
    .tuple(fc.constantFrom(...lines), fc.nat(longest), fc.nat(8), fc.string({ maxLength: 12 }))
    .map(([seed, at, length, put]) => seed.slice(0, at) + put + seed.slice(at + length));
}

/** Feeds cut lines, each in its envelope, to all sources, none of which may throw. */
export function fuzzEnvelopedLines(sources: readonly LineSource[], lines: readonly string[]): void {
  fc.assert(
    fc.property(cutLines(lines), (one) => {
      const { envelope, text } = splitEnvelope(one);
      for (const source of sources) source.parse(text, envelope);
    }),
    { numRuns: fuzzInputs() },
  );
}
