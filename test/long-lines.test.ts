import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rawsOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLine } from './support/log-lines.ts';
import { byForm } from './support/shared.ts';

const BYTES = byForm({ quick: 20_000_000, ordinary: 100_000_000, long: 2_200_000_000 });

test(`a line of ${BYTES / 1e6} MB is named, and what stands around it is scanned and taken`, async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'long.log');
  writeFileSync(file, logLine(0, 'before'));
  // Holes: as long as it says, and quick to make.
  truncateSync(file, BYTES);
  appendFileSync(file, `\n${logLine(1, 'behind')}\n`);

  const scanned = await wardkeep(place, ['scan', file]);
  assert.equal(scanned.code, 0, scanned.stderr);
  assert.match(scanned.stderr, /too_long 1/);
  assert.match(scanned.stderr, /the line is longer than \d+ bytes/);

  const taken = await wardkeep(place, ['ingest', '--data', place.data, '--json', file]);
  assert.equal(taken.code, 0, taken.stderr);
  const { events, rejected } = JSON.parse(taken.stdout) as Record<string, number>;
  assert.deepEqual({ events, rejected }, { events: 1, rejected: 1 });
  const raws = await rawsOf(place);
  assert.ok(raws.some((raw) => raw.includes('behind')));
});
