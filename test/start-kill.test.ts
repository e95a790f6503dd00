import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Place, temporaryPlace, wardkeep } from './support/cli.ts';
import { freePort } from './support/ports.ts';
import { byForm } from './support/shared.ts';

const LAUNCHER = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const ROUNDS = byForm({ quick: 1, ordinary: 3, long: 40 });
/** Starts of one directory that are cut short before one is let through. */
const KILLS_EACH = 3;
/** Changes in a data directory that a first start makes, more or less. */
const CHANGES_MAX = 120;

test(`${ROUNDS} data directories whose first starts are killed as they make their files start whole afterwards`, async (t) => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const place = temporaryPlace(t);
    const port = await freePort();
    const intake = { http: await freePort(), syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };
    mkdirSync(place.data, { mode: 0o700 });
    writeFileSync(`${place.data}/wardkeep.json`, JSON.stringify({ http: { port }, intake }));
    const killedAt: number[] = [];
    for (let kill = 0; kill < KILLS_EACH; kill += 1)
      killedAt.push(await killedAfter(place, 1 + Math.floor(Math.random() * CHANGES_MAX)));
    await startsWhole(place, `after kills at changes ${killedAt.join(', ')}`);
    const verified = await wardkeep(place, ['ledger', 'verify', '--data', place.data]);
    assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  }
});

/** Starts the server and kills it when so many things have changed in its directory, or when it runs; gives the number. */
async function killedAfter(place: Place, changes: number): Promise<number> {
  let seen = 0;
  const watcher = watch(place.data, { recursive: true });
  const child = up(place);
  watcher.on('change', () => {
    seen += 1;
    if (seen === changes) child.kill('SIGKILL');
  });
  const running = once(child.stdout ?? child, 'data').then(() => child.kill('SIGKILL'));
  await once(child, 'close');
  watcher.close();
  running.catch(() => undefined);
  return seen;
}

/** A whole start: the first page is served, the way in is printed, and it stops in good order. */
async function startsWhole(place: Place, when: string): Promise<void> {
  const child = up(place);
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'close');
  const isUp = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const address = /http:\/\/\S+token=\S+/.exec(said)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once('close', () => reject(new Error(`it did not start ${when}: ${said}`)));
  });
  const setUp = await isUp;
  const page = await fetch(setUp);
  assert.equal(page.status, 200, said);
  child.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  assert.equal(code, 0, said);
}

function up(place: Place): ChildProcess {
  return spawn(LAUNCHER, ['up', '--data', place.data, '--log', 'error'], { env: place.env, stdio: 'pipe' });
}
