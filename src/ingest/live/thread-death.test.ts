import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { eventsOf, livePlace, openLive, windowsEvent } from './live.fixture.ts';

const TAP = new URL('./unborn-tap.fixture.ts', import.meta.url);

test('while the mapping thread cannot begin, senders are told to come again, and nothing of theirs is refused for good', async (t) => {
  const workers: Worker[] = [];
  const note = (worker: Worker): unknown => workers.push(worker);
  process.on('worker', note);
  t.after(() => void process.off('worker', note));
  const place = await livePlace(t);
  const stop = `${place.dir}/no-tap`;
  await using opened = await openLive(place, { tap: { module: TAP, options: stop } });
  const { intake, ledger } = opened;
  const create = { name: 'x', kind: 'ndjson', format: 'auto', zone: null, silentAfterMs: null } as const;
  const { source } = await intake.createSource(create);
  const submit = () =>
    intake.submit({
      sourceId: source.id,
      framing: 'lines',
      bytes: Buffer.from(`${windowsEvent(1)}\n`),
      receivedMs: Date.now(),
    });
  writeFileSync(stop, '');
  await workers.at(-1)?.terminate();
  for (let n = 0; n < 6; n += 1) await assert.rejects(submit(), { code: 'unavailable' });
  assert.ok(intake.load().threadDeaths >= 2);
  assert.equal(intake.load().queued, 0);
  rmSync(stop);
  let taken = 0;
  for (let n = 0; n < 200 && taken === 0; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    taken = await submit().then(
      () => 1,
      () => 0,
    );
  }
  assert.equal(taken, 1);
  assert.equal((await eventsOf(ledger)).length, 1);
});
