import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { INGEST_MIGRATIONS, type IngestTables } from '#ingest';
import { INTAKE_MIGRATIONS, type IntakeTables, openIntake } from '#ingest/live';
import { openState } from '#kernel/database';
import { openLedger } from '#ledger';
import { type Place, entriesOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLine } from './support/log-lines.ts';
import { freePort } from './support/ports.ts';
import { byForm } from './support/shared.ts';

const LAUNCHER = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const KILLS = byForm({ quick: 2, ordinary: 2, long: 20 });
const CONNECTIONS = 6;
const LINES_EACH = 40;
/** Kills come so many answers after the first one: in the midst of load, whatever the machine is doing beside it. */
const ANSWERS_MAX = 60;

interface Sent {
  /** Lines whose request was answered with 200. */
  acknowledged: string[];
  /** Lines of requests that were cut short: each may be there or not. */
  unanswered: string[];
}

test(`${KILLS} kills under load over HTTP: what was acknowledged is there exactly once`, async (t) => {
  const place = temporaryPlace(t);
  const port = await freePort();
  const intake = { http: port, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };
  const token = await prepared(place, { http: { port: await freePort() }, intake });
  const sent: Sent = { acknowledged: [], unanswered: [] };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = sent.acknowledged.length;
    await killedUnderLoad(place, { port, token, afterAnswers: 1 + Math.floor(Math.random() * ANSWERS_MAX) }, sent);
    assert.ok(sent.acknowledged.length > before, 'the kill came under load');
  }
  // What the last kill left is looked at as it lies; what those before it left, the next start has opened.
  const verified = await wardkeep(place, ['ledger', 'verify', '--data', place.data]);
  assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  const times = new Map<string, number>();
  for (const { entry } of await entriesOf(place)) {
    const raw = Buffer.from(entry.raw).toString();
    if (raw !== '') times.set(raw, (times.get(raw) ?? 0) + 1);
  }
  assert.deepEqual(
    sent.acknowledged.filter((line) => times.get(line) !== 1),
    [],
    'acknowledged lines that are not there exactly once',
  );
  const known = new Set([...sent.acknowledged, ...sent.unanswered]);
  assert.deepEqual(
    [...times].filter(([line, count]) => count !== 1 || !known.has(line)),
    [],
    'nothing is there twice, nothing that nobody sent',
  );
  // A request is there as a whole or not at all.
  for (let at = 0; at < sent.unanswered.length; at += LINES_EACH) {
    const here = sent.unanswered.slice(at, at + LINES_EACH).filter((line) => times.has(line)).length;
    assert.ok(here === 0 || here === LINES_EACH, `${here} of the ${LINES_EACH} lines of one request are there`);
  }
});

/** A data directory with its configuration and one source; gives the source's token. */
async function prepared(place: Place, config: object): Promise<string> {
  const init = await wardkeep(place, ['ledger', 'init', '--data', place.data, '--origin', 'log.test/kills']);
  assert.equal(init.code, 0, init.stderr);
  writeFileSync(`${place.data}/wardkeep.json`, JSON.stringify(config));
  const keyFile = /\S+\.key/.exec(init.stdout + init.stderr)?.[0] ?? '';
  await using ledger = await openLedger({ dir: place.data, keyFile });
  const state = await openState<IntakeTables & IngestTables>(place.data, {
    ...INGEST_MIGRATIONS,
    ...INTAKE_MIGRATIONS,
  });
  try {
    await using intake = await openIntake({ ledger, state, dir: place.data });
    const source = { name: 'kills', kind: 'ndjson', format: 'auto', zone: null, silentAfterMs: null } as const;
    return (await intake.createSource(source)).token ?? '';
  } finally {
    await state.destroy();
  }
}

/** Starts the server, sends on all connections at once and kills it with SIGKILL after so many answers. */
async function killedUnderLoad(
  place: Place,
  { port, token, afterAnswers }: { port: number; token: string; afterAnswers: number },
  sent: Sent,
): Promise<void> {
  const child = spawn(LAUNCHER, ['up', '--data', place.data, '--log', 'error'], { env: place.env, stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => text.includes('Wardkeep is running') && resolve());
    child.once('close', () => reject(new Error(`the server did not start: ${said}`)));
  });
  let answers = 0;
  let isGone = false;
  child.once('exit', () => (isGone = true));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const lane = async (): Promise<void> => {
    while (!isGone) {
      const lines = freshLines();
      const status = await post(agent, { port, token, body: `${lines.join('\n')}\n` });
      if (status === 200) {
        sent.acknowledged.push(...lines);
        answers += 1;
        if (answers === afterAnswers) child.kill('SIGKILL');
      } else {
        sent.unanswered.push(...lines);
        await pause(5);
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  await ended;
  agent.destroy();
}

let nextLine = 0;

function freshLines(): string[] {
  return Array.from({ length: LINES_EACH }, () => logLine((nextLine += 1)));
}

/** The status; null where the connection broke before the answer was whole. */
function post(
  agent: Agent,
  { port, token, body }: { port: number; token: string; body: string },
): Promise<number | null> {
  const headers = { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = request({ agent, port, method: 'POST', path: '/ingest/ndjson', headers }, (response) => {
      response.on('error', () => resolve(null));
      response.resume().on('end', () => resolve(response.complete ? (response.statusCode ?? null) : null));
    });
    sent.on('error', () => resolve(null)).end(body);
  });
}
