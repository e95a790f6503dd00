import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import { pantherLogs } from '../../../test/support/panther.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { SOURCES } from './all.ts';

test('names of sources are unique, and a family has one definition', () => {
  const names = SOURCES.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  const families = new Map(
    SOURCES.flatMap((source) => source.families.map((family) => [family.name, family] as const)),
  );
  for (const source of SOURCES)
    for (const family of source.families) assert.equal(families.get(family.name), family, family.name);
});

test('of all sources at most one takes a real JSON record', skipWithoutShared, () => {
  const sources = SOURCES.filter((source) => source.shape === 'json');
  const files = readdirSync(sharedPath('formats/'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ndjson'),
  );
  assert.ok(files.length >= 9);
  for (const file of files)
    for (const log of pantherLogs(file)) {
      const takers = sources.filter((source) => source.accepts(log)).map(({ name }) => name);
      assert.ok(takers.length <= 1, `${file}: ${takers.join(', ')} take one record`);
    }
});
