import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '#console';
import { type Clock, systemClock } from '#kernel';
import { auditLedger } from '#ledger';
import { diagnose, readStatus } from '#server';
import { Visitor, sendLines, serverPlace, startAt, until } from './support/server.ts';
import { logLine } from './support/log-lines.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The machine's clock as somebody sets it. */
class SetClock implements Clock {
  offsetMs = 0;

  nowMs(): number {
    return systemClock.nowMs() + this.offsetMs;
  }
}

test('the clock is set ahead and back under a running server: nothing is lost, expired or shut out, and it is said', async (t) => {
  const place = serverPlace(t);
  const clock = new SetClock();
  const server = await startAt(t, place, { clock });
  const visitor = await Visitor.settingUp(server);
  const token = await visitor.newSource('ndjson');
  const { archive, intake } = server.flow;
  let line = 0;
  const send = async (): Promise<void> => {
    assert.equal(await sendLines(server, token, [logLine((line += 1)), logLine((line += 1))]), 200);
    await archive.settled();
  };
  const stepSaid = async (): Promise<boolean> =>
    (await visitor.ask<Overview>('GET', '/overview')).troubles.some(({ code }) => code === 'clock-step');
  await send();
  await archive.seal({ all: true });

  for (const offsetMs of [2 * HOUR, -2 * HOUR, 0]) {
    clock.offsetMs = offsetMs;
    await send();
    await archive.seal();
    // Two hours ahead are two hours without a request, which end a session; back again, nobody is signed out.
    const { status } = await visitor.response('GET', '/incidents?limit=5');
    assert.equal(status, offsetMs === 2 * HOUR ? 401 : 200);
    if (status === 401) await visitor.signIn();
  }

  // A year ahead: sessions are over by that clock; who signs in then, comes in.
  clock.offsetMs = 366 * DAY;
  await send();
  assert.equal((await visitor.response('GET', '/incidents?limit=5')).status, 401);
  await visitor.signIn();
  await until(stepSaid, 'the overview says that the clock was set');
  await until(() => readStatus(place.dir, clock).kind === 'running', 'the status is written by that clock');
  const said = await diagnose({ ...place, clock, env: {} });
  assert.equal(said.find(({ code }) => code === 'clock-step')?.state, 'fail', 'doctor says so, too');

  // Retention runs by that clock, with telemetry of a year ago: nothing may be destroyed for a clock that nobody believes.
  await archive.seal({ all: true });
  const before = await archive.events({ limit: 1_000 });
  await archive.applyRetention();
  assert.equal((await archive.events({ limit: 1_000 })).length >= before.length, true);

  clock.offsetMs = 0;
  await send();
  await visitor.signIn();
  assert.equal((await visitor.response('GET', '/overview')).status, 200);
  await until(async () => !(await stepSaid()), 'it is not said for longer than it is so');
  await archive.seal({ all: true });
  const found = await archive.events({ limit: 1_000 });
  assert.deepEqual(
    found.map(({ index }) => index),
    Array.from({ length: found.length }, (_, n) => found.length - 1 - n),
    'each entry is in the archive once, whatever day it was received on',
  );
  assert.equal(found.filter(({ text }) => text.startsWith('built connection')).length, line);
  assert.equal(intake.sources()[0]?.events, line);
  await server[Symbol.asyncDispose]();
  assert.equal((await auditLedger(place)).good, true);
});
