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
    manifest: { files: filesOf('record', COMPACT_FILES_MIN, 10) } as never,
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

const MOST = { record: RECORD_FILE_ROWS_MAX, telemetry: TELEMETRY_FILE_ROWS_MAX } as const;

test('what is merged stays within what can be sorted, and a day that lasts waits for enough files', () => {
  const later = { ...(filesOf('record', 1, 1)[0] as ArchiveFile), day: '2026-11-02', name: 'later' };
  for (const retention of ['record', 'telemetry'] as const) {
    const files = filesOf(retention, 60, 20_000);
    const runs = runsToMerge([...files, later], { today: '2026-11-02', damaged: new Set() });
    assert.ok(runs.length > 1);
    for (const run of runs) assert.ok(run.reduce((sum, { rows }) => sum + rows, 0) <= MOST[retention]);
    const few = filesOf(retention, COMPACT_FILES_MIN - 1, 1_000);
    assert.deepEqual(runsToMerge(few, { today: '2026-11-01', damaged: new Set() }), []);
    assert.deepEqual(runsToMerge([...few, later], { today: '2026-11-02', damaged: new Set() }), [few]);
  }
});

for (const [retention, today] of [
  ['record', '2026-11-01'],
  ['telemetry', '2026-11-01'],
  ['record', '2026-11-09'],
  ['telemetry', '2026-11-09'],
] as const)
  test(`a day that grows by many seals is written again a few times, and its files stay few (${retention}, ${today})`, () => {
    const sealed = filesOf(retention, 400, 7_500);
    let files: ArchiveFile[] = [];
    let written = 0;
    for (const file of sealed) {
      files.push(file);
      for (const run of runsToMerge(files, { today, damaged: new Set() })) {
        const rows = run.reduce((sum, one) => sum + one.rows, 0);
        const [first] = run;
        if (first === undefined) continue;
        written += rows;
        files = [...files.filter((one) => !run.includes(one)), { ...first, name: `merged-${written}`, rows }];
      }
    }
    const rows = sealed.reduce((sum, file) => sum + file.rows, 0);
    assert.equal(
      files.reduce((sum, file) => sum + file.rows, 0),
      rows,
    );
    assert.ok(files.length <= COMPACT_FILES_MIN + (2 * rows) / MOST[retention], `${files.length} files`);
    assert.ok(written <= 6 * rows, `${(written / rows).toFixed(1)} times`);
  });
