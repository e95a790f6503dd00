import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LONG } from '../../test/support/shared.ts';
import { auditLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { entryOf, readAll, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const CHILD = fileURLToPath(new URL('kill.child.ts', import.meta.url));
const KILLS = Number(process.env['WARDKEEP_KILLS'] ?? (LONG ? '1000' : '100'));
/** Kills of one ledger, so that it stays small and its reading cheap. */
const KILLS_PER_LEDGER = 50;
/** The moment of a kill: so long at most after a child was told to open the ledger, or after its first answer. */
const KILL_WITHIN_MS = { opening: 120, appending: 40 };
/** One in so many is killed at whatever moment, most often while it opens the ledger. */
const KILLS_OF_OPENINGS = 3;
/** A child that has not said what it must after this long has failed. */
const SILENT_MS_MAX = 60_000;

/** A child that has loaded its code and waits. */
class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #closed: Promise<NodeJS.Signals | null>;
  #output = '';

  constructor(place: Place, cache: string) {
    // The compile cache makes the start of a child four times cheaper.
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    this.#process = spawn(process.execPath, [CHILD, place.dir, place.keyFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    this.#process.stdin.on('error', () => undefined);
    this.#closed = new Promise((resolve) => this.#process.on('close', (_code, signal) => resolve(signal)));
    this.#process.stdout.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Lets the child open the ledger and append, and kills it a random moment later; gives what it acknowledged last. */
  async appendUntilKilled(during: keyof typeof KILL_WITHIN_MS): Promise<number> {
    await this.#said('ready\n');
    this.#process.stdin.write('\n');
    if (during === 'appending') await this.#said(/\d\n/);
    await sleep(Math.random() * KILL_WITHIN_MS[during]);
    return this.kill();
  }

  async #said(words: string | RegExp): Promise<void> {
    for (const end = performance.now() + SILENT_MS_MAX; this.#output.search(words) < 0;) {
      assert.ok(performance.now() < end, `the child does not say ${words}`);
      await Promise.race([once(this.#process.stdout, 'data'), sleep(SILENT_MS_MAX, null, { ref: false })]);
    }
  }

  async kill(): Promise<number> {
    this.#process.kill('SIGKILL');
    assert.equal(await this.#closed, 'SIGKILL', 'the child ended by itself');
    const lines = this.#output.slice(0, this.#output.lastIndexOf('\n')).split('\n').slice(1);
    return Number(lines.at(-1) ?? 0);
  }
}

/** Kills one ledger's writers, one after another; gives how many of them had acknowledged something. */
async function killWriters(place: Place, options: { kills: number; cache: string }): Promise<number> {
  let acknowledged = 0;
  let talkative = 0;
  let next = new Child(place, options.cache);
  for (let kill = 0; kill < options.kills; kill += 1) {
    const child = next;
    // The next one loads its code meanwhile.
    next = new Child(place, options.cache);
    const last = await child.appendUntilKilled(kill % KILLS_OF_OPENINGS === 0 ? 'opening' : 'appending');
    if (last > acknowledged) talkative += 1;
    acknowledged = Math.max(acknowledged, last);
    await using ledger = await openLedger({ ...place, mode: 'read' });
    assert.ok(ledger.size >= acknowledged, `${acknowledged} acknowledged, ${ledger.size} there`);
    assert.equal(ledger.mark('source')?.records ?? 0, ledger.size);
  }
  await next.kill();
  return talkative;
}

async function checkWhole(place: Place): Promise<void> {
  await using ledger = await openLedger(place);
  const stored = await readAll(ledger);
  assert.equal(stored.length, ledger.mark('source')?.records ?? 0);
  stored.forEach((one, n) => assert.equal(Buffer.from(one.normal).toString(), entryOf(n).normal));
  await ledger.publish();
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesVerified, stored.length);
}

test(`nothing acknowledged is lost and nothing is doubled over ${KILLS} kills`, async (t) => {
  const cache = join(temporaryDirectory(t), 'compiled');
  let talkative = 0;
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < KILLS) {
      const kills = Math.min(KILLS_PER_LEDGER, KILLS - started);
      started += kills;
      const place = await temporaryLedger(t);
      const heard = await killWriters(place, { kills, cache });
      talkative += heard;
      await checkWhole(place);
    }
  };
  await Promise.all([lane(), lane()]);
  assert.ok(talkative >= KILLS / 2, `only ${talkative} of ${KILLS} writers acknowledged anything before their end`);
  t.diagnostic(`${talkative} of ${KILLS} writers had acknowledged something`);
});
