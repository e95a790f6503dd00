import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openState } from '#kernel/database';
import { byForm } from '../../../test/support/shared.ts';
import { openIncidents } from './incidents.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { IncidentsTables } from './store-tables.ts';

const CHILD = fileURLToPath(new URL('kill.child.ts', import.meta.url));
const FINDINGS = 60;
/** Findings after which the child is killed, one start after the other. */
const KILLS = byForm({ quick: [13], ordinary: [13], long: [1, 9, 17, 2, 5] });
const base = mkdtempSync(join(tmpdir(), 'wardkeep-incidents-kill-'));
after(() => rmSync(base, { recursive: true, force: true }));

/** Runs the child; kills it after so many findings that it said are kept. Gives the index of the last of them. */
async function run(dir: string, killAfter: number | null): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir, String(FINDINGS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  let last = -1;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    lines += 1;
    if (lines === killAfter) child.kill('SIGKILL');
  }
  await closed;
  return last;
}

/** Which findings stand together, and the counts that incidents show. */
async function outcome(dir: string) {
  const state = await openState<IncidentsTables>(dir, INCIDENTS_MIGRATIONS);
  const clock = new ManualClock(Date.UTC(2026, 10, 24));
  const incidents = openIncidents({ state, clock, random: systemRandom, log: silentLog, zone: () => 'UTC' });
  const { items: findings } = await incidents.findings({ limit: 200 });
  const { items } = await incidents.list({ limit: 200 });
  const groups = await Promise.all(
    items.map(async ({ id, number, severity, findings: count }) => {
      const { items: own } = await incidents.findings({ incident: id, limit: 200 });
      return { number, severity, count, indexes: own.map(({ index }) => index) };
    }),
  );
  await state.destroy();
  return { indexes: findings.map(({ index }) => index), groups };
}

test('killed at any moment and started again, each finding is kept once and the incidents are the same', async () => {
  const whole = join(base, 'whole');
  await run(whole, null);
  const killed = join(base, 'killed');
  for (const killAfter of KILLS) {
    const last = await run(killed, killAfter);
    assert.ok((await outcome(killed)).indexes.includes(last), 'what was said to be kept is there');
  }
  await run(killed, null);
  const [expected, actual] = [await outcome(whole), await outcome(killed)];
  assert.equal(expected.indexes.length, FINDINGS);
  assert.ok(expected.groups.length > 0);
  assert.deepEqual(actual, expected);
});
