import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, silentLog, systemClock } from '#kernel';
import { createLedger, openLedger } from '#ledger';
import { ClockWatch } from './clock-watch.ts';
import { applyRetention } from './upkeep.ts';

const DAY = 86_400_000;

test('a clock that was set years ahead destroys nothing, though what came in by it looks new', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-clock-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  let offsetMs = 0;
  const clock: Clock = { nowMs: () => systemClock.nowMs() + offsetMs };
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, clock });
  await using ledger = await openLedger({ ...place, clock });
  const entry = {
    classUid: 4001,
    retention: 'telemetry',
    normal: '{}',
    raw: new Uint8Array(0),
    patient: null,
  } as const;
  const append = () => ledger.append([entry], { receivedMs: clock.nowMs() });
  const archive = { applyRetention: async () => undefined } as never;
  const states = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const entries of ledger.read()) found.push(...entries.map(({ state }) => state));
    return found;
  };
  await append();
  const clockWatch = new ClockWatch(clock, clock.nowMs());
  offsetMs = 2_000 * DAY;
  await append();
  await applyRetention({ ledger, archive, clockWatch, log: silentLog });
  assert.deepEqual(await states(), ['present', 'present']);
  // A start by the wrong clock is held against the ledger as it was before.
  assert.match(new ClockWatch(clock, clock.nowMs() - offsetMs).doubt() ?? '', /week ahead/);
  // The same time by a clock that is right: it is over.
  await applyRetention({ ledger, archive, clockWatch: new ClockWatch(clock, clock.nowMs()), log: silentLog });
  assert.deepEqual((await states()).slice(0, 2), ['expired', 'present']);
});

test('a step is told from the pace of a clock that is kept right', () => {
  let offsetMs = 0;
  const watch = new ClockWatch({ nowMs: () => systemClock.nowMs() + offsetMs }, null);
  for (const [offset, isStep] of [
    [0, false],
    [30_000, false],
    [-30_000, false],
    [7_200_000, true],
    [-7_200_000, true],
    [0, false],
  ] as const) {
    offsetMs = offset;
    assert.equal(watch.doubt() !== null, isStep, String(offset));
  }
});
