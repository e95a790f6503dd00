import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GIB, MIB, ManualClock } from '#kernel';
import { consoleWordsIn, phraseIn } from '../src/console/words/words.ts';
import { scanPath } from '../src/ingest/live/files/scan.ts';
import { SourceStatistics } from '../src/ingest/live/status.ts';
import { TroubleWatch, type TroubleSources } from '../src/server/troubles.ts';

// What other modules say in English is told in the reader's language by the sentence itself: no sentence may change alone.

const NOW = Date.UTC(2026, 11, 1, 2);
const spanish = consoleWordsIn('es');

function assertSpoken(text: string): void {
  const told = phraseIn(text, spanish);
  assert.notEqual(told, text, `no Spanish for: ${text}`);
  assert.doesNotMatch(told, /\b(?:the|it|its|of|are|is|not)\b/, `half English: ${told}`);
}

type Load = ReturnType<TroubleSources['intake']['load']>;
type ArchiveStatus = ReturnType<TroubleSources['archive']['status']>;

function troublesOf(change: {
  load?: Partial<Load>;
  archive?: Partial<ArchiveStatus>;
  free?: number;
  stepMs?: number;
}) {
  const load: Load = { queued: 0, queuedBytes: 0, shut: null, threadDeaths: 0, diesOften: false, ...change.load };
  const archive = { damaged: [], seenTo: 0, state: 'running', problem: null, ...change.archive } as ArchiveStatus;
  return new TroubleWatch({
    freeBytes: () => change.free ?? 100 * GIB,
    clock: new ManualClock(NOW),
    clockWatch: { stepMs: () => change.stepMs ?? 0 } as TroubleSources['clockWatch'],
    intake: { load: () => load, sources: () => [] },
    archive: { status: () => archive },
    ledgerSize: () => (archive.seenTo === -1 ? 1_000_000 : 0),
    certificateEndsMs: change.free === undefined ? null : NOW + 1_000,
  }).look();
}

test('every trouble of the server is told in Spanish, too', () => {
  const damaged = (count: number) => Array.from({ length: count }, (_, n) => `${n}.parquet`) as never;
  const found = [
    { load: { shut: 'less than 64 MiB are free on the disk', diesOften: true }, free: GIB, stepMs: 90_000 },
    { load: { shut: 'the ledger cannot write (ENOSPC)' }, free: 400 * MIB, stepMs: -90_000 },
    { load: { shut: 'Wardkeep is stopping' } },
    { archive: { state: 'degraded', problem: 'ENOSPC' } },
    { archive: { state: 'degraded' } },
    { archive: { state: 'restarting', problem: 'ENOSPC' } },
    { archive: { damaged: damaged(1) } },
    { archive: { damaged: damaged(3) } },
    { archive: { seenTo: -1 } },
  ].flatMap((change) => troublesOf(change as Parameters<typeof troublesOf>[0]));
  const source = readFileSync(new URL('../src/server/troubles.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/code: '([^']+)'/g)].map(([, code]) => code ?? '');
  assert.deepEqual([...new Set(found.map(({ code }) => code))].toSorted(), codes.toSorted());
  for (const { text, advice } of found) {
    assertSpoken(text);
    assertSpoken(advice);
  }
});

test('what is the matter with a source is told in Spanish, too', () => {
  const source = { id: 's', name: 'S', kind: 'syslog', format: 'auto', zone: null, silentAfterMs: null } as const;
  const said = (set: (statistics: SourceStatistics) => void, silentAfterMs: number | null = null): string => {
    const statistics = new SourceStatistics(null);
    set(statistics);
    const context = { createdMs: NOW - 3_600_000, isConfirmed: false, nowMs: NOW };
    return statistics.status({ ...source, silentAfterMs }, context).problem ?? '';
  };
  assertSpoken(said(() => undefined));
  assertSpoken(said(() => undefined, 60_000));
  assertSpoken(said((statistics) => statistics.addLost(7, NOW)));
});

test('what is the matter with watched files is told in Spanish, too', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-spoken-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'app.log'), '');
  for (const path of [join(dir, 'none'), join(dir, 'none', 'app.log'), join(dir, 'app.log', 'x'), '/dev/null']) {
    const { problems } = await scanPath(path);
    assert.notEqual(problems.length, 0, path);
    for (const problem of problems) assertSpoken(problem);
    assertSpoken(problems.join('; '));
  }
  for (const text of [
    'a file of it cannot be read (bad_archive)',
    '3 files of it may not be read by the user that Wardkeep runs as',
    'it holds more than 20000 files, and the rest is not read; 12 files of it wait until others have ended: too many are open',
    'folders more than 8 deep in it are not read',
    'reading its files failed and is tried again',
  ])
    assertSpoken(text);
});
