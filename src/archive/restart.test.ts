import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ManualClock } from '#kernel';
import type { Death } from './dying-worker.fixture.ts';
import { ArchiveError, openArchive } from './index.ts';
import { FakeLedger, NOW, count, manyEvents, temporaryDirectory } from './support.fixture.ts';
import type { Archive } from './types.ts';
import { byForm } from '../../test/support/shared.ts';

const DYING = new URL('./dying-worker.fixture.ts', import.meta.url);

/** Little, so that it is soon full. */
const HEAP_MB = 128;

/** How the thread dies, and whether in order: then a hunt is under way, and the reason is told. */
const DEATHS: readonly { death: Death; reason: RegExp; inOrder: boolean }[] = [
  { death: 'throw', reason: /it has a fault/, inOrder: true },
  { death: 'reject', reason: /it has a fault/, inOrder: true },
  { death: 'memory', reason: /its memory is full/, inOrder: true },
  { death: 'exit', reason: /thread has ended$/, inOrder: false },
  { death: 'leap', reason: /thread has ended$/, inOrder: false },
];

const LIVES = byForm({ quick: 1, ordinary: 1, long: 30 });

const ENDLESS = 'SELECT count(*) FROM events a, events b, events c, events d';

/** The threads of the archive that this process starts, newest last. */
const threads: Worker[] = [];
process.on('worker', (worker: Worker) => {
  if (worker.threadName === 'archive') threads.push(worker);
});

function newest(): Worker {
  const worker = threads.at(-1);
  assert.ok(worker !== undefined);
  return worker;
}

/** Resolves with the thread's exit code. */
async function die(death: Death): Promise<number> {
  const worker = newest();
  // Not `once`, which takes the error of a thread without memory for its own.
  const exit = new Promise<number>((resolve) => worker.once('exit', resolve));
  worker.postMessage({ kind: 'cancel', id: death });
  return exit;
}

function openDying(ledger: FakeLedger, dir: string, clock = new ManualClock(NOW)): Promise<Archive> {
  return openArchive({
    dir,
    origin: 'log.test/one',
    readFrom: (from, to) => ledger.read(from, to),
    ledgerSize: () => ledger.entries.length,
    nowMs: NOW,
    module: DYING,
    heapMb: HEAP_MB,
    keepsTrying: true,
    clock,
  });
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let n = 0; n < 600; n += 1) {
    if (isSo()) return;
    await pause(50);
  }
  assert.fail(`never came to be: ${what}`);
}

for (const { death, reason, inOrder } of DEATHS)
  test(`a thread that dies (${death}) is started anew, and each entry is there once`, async (t) => {
    for (let life = 0; life < LIVES; life += 1) await dieAndLive(t, { death, reason, inOrder });
  });

async function dieAndLive(t: TestContext, { death, reason, inOrder }: (typeof DEATHS)[number]): Promise<void> {
  const ledger = new FakeLedger();
  await using archive = await openDying(ledger, temporaryDirectory(t));
  archive.accept(ledger.append(manyEvents(700)));
  await archive.seal({ all: true });
  archive.accept(ledger.append(manyEvents(300, { from: 700 })));
  await archive.settled();
  // Native work under way: DuckDB's binding would end the process if the thread went away under it.
  const refused = inOrder
    ? assert.rejects(
        archive.hunt(ENDLESS, { limit: 1, seesPatients: true }),
        (error) => error instanceof ArchiveError && error.code === 'unavailable' && reason.test(error.message),
      )
    : null;
  const code = await die(death);
  await refused;
  assert.notEqual(code, 0);
  assert.match(archive.status().problem ?? '', reason);
  assert.equal(archive.status().state, 'restarting');
  assert.equal(archive.status().deaths, 1);
  await assert.rejects(count(archive), (error: ArchiveError) => /started anew/.test(error.advice ?? ''));
  // What comes between two lives is not handed to anybody, and is there all the same.
  archive.accept(ledger.append(manyEvents(100, { from: 1_000 })));
  await until(() => archive.status().problem === null, 'another thread');
  archive.accept(ledger.append(manyEvents(100, { from: 1_100 })));
  await archive.settled();
  assert.equal(archive.status().state, 'up');
  const { rows } = await archive.hunt('SELECT count(*), count(DISTINCT "index"), max("index") FROM events', {
    limit: 1,
    seesPatients: true,
  });
  assert.deepEqual(rows[0]?.map(Number), [1_200, 1_200, 1_199]);
}

test('a thread that dies again and again is tried less often, says so, and is well again in time', async (t) => {
  const ledger = new FakeLedger();
  const clock = new ManualClock(NOW);
  await using archive = await openDying(ledger, temporaryDirectory(t), clock);
  archive.accept(ledger.append(manyEvents(50)));
  for (let n = 1; n <= 5; n += 1) {
    await until(() => archive.status().problem === null, `life ${n}`);
    await archive.settled();
    await die('exit');
  }
  assert.equal(archive.status().state, 'degraded');
  assert.match(archive.status().problem ?? '', /thread has ended/);
  clock.advance(11 * 60_000);
  assert.equal(archive.status().state, 'restarting');
});

test('a broken archive stops who rests on it alone, and nobody else', async (t) => {
  const dir = temporaryDirectory(t);
  mkdirSync(join(dir, 'archive'));
  writeFileSync(join(dir, 'archive/manifest.json'), 'not a manifest');
  const ledger = new FakeLedger();
  await using archive = await openDying(ledger, dir);
  assert.equal(archive.status().state, 'restarting');
  assert.match(archive.status().problem ?? '', /manifest/);
  archive.accept(ledger.append(manyEvents(10)));
  await assert.rejects(count(archive), { code: 'corrupt' });
});
