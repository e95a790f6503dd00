import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import { Merging } from './engine/merging.ts';
import { ArchiveError } from './errors.ts';
import { COMPACT_FILES_MIN, MERGE_AGAIN_MS, RECORD_FILE_ROWS_MAX, TELEMETRY_FILE_ROWS_MAX } from './limits.ts';
import { runsToMerge } from './engine/compact.ts';
import type { ArchiveFile } from './engine/manifest.ts';
import { NOW } from './support.fixture.ts';

function filesOf(retention: ArchiveFile['retention'], many: number, rows: number): ArchiveFile[] {
  return Array.from({ length: many }, (_, n) => ({
    name: `day=2026-11-01/${retention}-${n}.parquet`,
    day: '2026-11-01',
    retention,
    rows,
    first: n * rows,
    last: (n + 1) * rows - 1,
    minMs: NOW,
    maxMs: NOW,
    bytes: 1,
    sha256: '',
  }));
}

test('a merge that fails is told once, fails nothing else, and is tried again later', async () => {
  const clock = new ManualClock(NOW);
  const told: string[] = [];
  let tries = 0;
  const engine = {
    manifest: { files: filesOf('record', 2, 10) } as never,
    damaged: [],
    path: ({ name }: ArchiveFile) => name,
    replace: async () => {
      tries += 1;
      throw new ArchiveError('write_failed', 'the archive has too little memory for a file');
    },
    findDamaged: async () => false,
  };
  const merging = new Merging(engine, { clock, log: { warn: (message: string) => void told.push(message) } });
  await merging.run();
  await merging.run();
  assert.deepEqual([tries, told.length], [1, 1]);
  clock.advance(MERGE_AGAIN_MS);
  await merging.run();
  assert.deepEqual([tries, told.length], [2, 2]);
});

test('what is merged stays within what can be sorted, and a day that lasts waits for enough files', () => {
  for (const [retention, most] of [
    ['record', RECORD_FILE_ROWS_MAX],
    ['telemetry', TELEMETRY_FILE_ROWS_MAX],
  ] as const) {
    const files = filesOf(retention, 60, 20_000);
    const runs = runsToMerge(files, { today: '2026-11-02', damaged: new Set() });
    assert.ok(runs.length > 1);
    for (const run of runs) assert.ok(run.reduce((sum, { rows }) => sum + rows, 0) <= most);
    const few = files.slice(0, COMPACT_FILES_MIN - 1);
    assert.deepEqual(runsToMerge(few, { today: '2026-11-01', damaged: new Set() }), []);
  }
});
