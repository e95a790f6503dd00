import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import type { Overview } from '#console';
import { systemClock } from '#kernel';
import { diagnose, readStatus } from '#server';
import { Visitor, sendLines, serverPlace, startAt, until } from './support/server.ts';
import { logLine } from './support/log-lines.ts';

/** The worker threads of this process, newest last. One that has ended has no name any more. */
const threads: { name: string | null; worker: Worker }[] = [];
process.on('worker', (worker: Worker) => threads.push({ name: worker.threadName, worker }));

async function kill(name: 'archive' | 'mapping'): Promise<void> {
  const worker = threads.findLast((one) => one.name === name)?.worker;
  assert.ok(worker !== undefined, name);
  if (name === 'mapping') await worker.terminate();
  else await fault(worker);
}

/** A fault of its own code; whoever ended the archive's thread from outside would end it under DuckDB's work. */
async function fault(worker: Worker): Promise<void> {
  const exit = new Promise<number>((resolve) => worker.once('exit', resolve));
  // No such message is ever sent: the thread stumbles over it.
  worker.postMessage(null);
  assert.equal(await exit, 1);
}

test('the archive’s thread dies again and again: all else goes on, and everybody who looks is told', async (t) => {
  const place = serverPlace(t);
  const server = await startAt(t, place);
  const visitor = await Visitor.settingUp(server);
  const token = await visitor.newSource('ndjson');
  const { archive } = server.flow;
  let line = 0;
  const send = (): Promise<number> => sendLines(server, token, [logLine((line += 1)), logLine((line += 1))]);
  assert.equal(await send(), 200);
  await archive.settled();
  await kill('archive');
  await until(() => archive.status().problem !== null, 'the death is noticed');
  assert.equal(await send(), 200, 'intake goes on');
  const search = await visitor.response('GET', '/events?limit=10');
  assert.equal(search.status, 503);
  assert.match(await search.text(), /started anew/);
  assert.ok(search.headers.has('retry-after'));

  // It comes back, and finds what came while it was away.
  await until(() => archive.status().problem === null, 'the second life');
  await archive.settled();
  assert.equal(archive.status().state, 'up');
  const found = await archive.events({ limit: 1_000 });
  assert.deepEqual(
    found.map(({ index }) => index),
    Array.from({ length: found.length }, (_, n) => found.length - 1 - n),
  );
  assert.equal(found.filter(({ text }) => text.startsWith('built connection')).length, line);

  for (let life = 2; life <= 5; life += 1) {
    await until(() => archive.status().problem === null, `life ${life}`);
    await kill('archive');
  }
  await until(() => archive.status().state === 'degraded', 'degraded');
  assert.equal(await send(), 200, 'intake goes on');
  await until(() => {
    const reading = readStatus(place.dir, systemClock);
    return reading.kind === 'running' && reading.status.archive === 'degraded';
  }, 'the status says so');
  const overview = await visitor.ask<Overview>('GET', '/overview');
  assert.match(overview.sentence, /dies again and again/);
  const ready = await fetch(`${server.consoleUrl}/readyz`);
  assert.deepEqual([ready.status, /archive is degraded/.test(await ready.text())], [200, true]);
  const metrics = await (await fetch(`${server.consoleUrl}/metrics`)).text();
  assert.match(metrics, /^wardkeep_thread_deaths_total\{thread="archive"\} 5$/m);
  assert.match(metrics, /^wardkeep_archive_up 0$/m);
  assert.match(metrics, /^wardkeep_listener_lost_total\{listener="syslogTcp"\} 0$/m);
  const checks = await diagnose({ ...place, clock: systemClock, env: {} });
  assert.equal(checks.find(({ code }) => code === 'archive-degraded')?.state, 'fail');
});

test('the mapping thread dies under load: each sender is answered, and what was acknowledged is there once', async (t) => {
  const server = await startAt(t, serverPlace(t));
  const visitor = await Visitor.settingUp(server);
  const token = await visitor.newSource('ndjson');
  const before = server.flow.intake.sources()[0]?.events ?? 0;
  let acknowledged = 0;
  let line = 1_000;
  const lane = async (): Promise<void> => {
    for (let n = 0; n < 40; n += 1) {
      const lines = Array.from({ length: 25 }, () => logLine((line += 1)));
      const status = await sendLines(server, token, lines);
      assert.ok(status === 200 || status === 503, String(status));
      if (status === 200) acknowledged += lines.length;
    }
  };
  const lanes = Promise.all([lane(), lane(), lane()]);
  for (let n = 0; n < 4; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await kill('mapping');
  }
  await lanes;
  assert.ok(acknowledged > 0);
  const { events = 0 } = server.flow.intake.sources()[0] ?? {};
  assert.equal(events - before, acknowledged);
  assert.ok(server.flow.intake.load().threadDeaths >= 1);
});
