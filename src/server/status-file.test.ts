import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '#kernel';
import { type ServerStatus, readStatus, removeStatus, statusPath, writeStatus } from './status-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'wardkeep-status-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function status(change: Partial<ServerStatus>): ServerStatus {
  return {
    pid: process.pid,
    version: '0',
    startedMs: 0,
    writtenMs: 1_000_000,
    consoleUrl: 'http://127.0.0.1:8480',
    intake: {},
    ready: true,
    ledger: { origin: 'o', size: 1, checkpointMs: null },
    events: { total: 0, rejected: 0, perSecond: 0, queued: 0, lost: 0 },
    sources: { total: 0, silent: 0, troubled: 0 },
    listenersLost: {},
    archive: 'up',
    findings: 0,
    incidents: { open: 0, critical: 0, high: 0 },
    memoryBytes: 0,
    troubles: [],
    ...change,
  };
}

test('a status is believed while its process lives and speaks', () => {
  const clock = new ManualClock(1_000_000);
  assert.equal(readStatus(dir, clock).kind, 'none');
  writeStatus(dir, status({}));
  assert.equal(statSync(statusPath(dir)).mode & 0o777, 0o600);
  assert.equal(readStatus(dir, clock).kind, 'running');
  clock.advance(60_000);
  const hanging = readStatus(dir, clock);
  assert.deepEqual([hanging.kind, hanging.kind === 'stale' && hanging.alive], ['stale', true]);
  writeStatus(dir, status({ pid: 4_194_303, writtenMs: clock.nowMs() }));
  const dead = readStatus(dir, clock);
  assert.deepEqual([dead.kind, dead.kind === 'stale' && dead.alive], ['stale', false]);
  writeFileSync(statusPath(dir), '{"torn');
  assert.equal(readStatus(dir, clock).kind, 'none');
  removeStatus(dir);
  assert.equal(readStatus(dir, clock).kind, 'none');
});
