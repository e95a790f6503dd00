import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openLedger } from '#ledger';
import { type Place, entriesOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLine } from './support/log-lines.ts';
import { freePort } from './support/ports.ts';
import { byForm } from './support/shared.ts';

const LAUNCHER = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const KILLS = byForm({ quick: 1, ordinary: 1, long: 100 });
const LINES_EACH = 10;
/** Writings between two rotations; every other one is by copy and truncation. */
const WRITES_A_ROTATION = 40;
const ROTATED_KEPT = 200;

for (const what of ['its folder', 'it alone'])
  test(`${KILLS} kills of a server that reads rotated logs, ${what} watched: each line exactly once`, async (t) => {
    const place = temporaryPlace(t);
    const folder = join(place.data, '..', 'logs');
    mkdirSync(folder);
    const log = join(folder, 'app.log');
    const watched = what === 'its folder' ? folder : log;
    const init = await wardkeep(place, ['ledger', 'init', '--data', place.data, '--origin', 'log.test/files']);
    assert.equal(init.code, 0, init.stderr);
    const keyFile = /\S+\.key/.exec(init.stdout + init.stderr)?.[0] ?? '';
    const ports = { http: null, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };
    const config = { http: { port: await freePort() }, intake: { ...ports, files: [{ path: watched }] } };
    writeFileSync(join(place.data, 'wardkeep.json'), JSON.stringify(config));

    const written = new Set<string>();
    const { write, finish } = writerOf(log, written);
    const sizeNow = async (): Promise<number> => {
      await using ledger = await openLedger({ dir: place.data, keyFile, mode: 'read' });
      return ledger.size;
    };
    // A log that was rotated before its file became a source would not be read.
    const first = await started(place);
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('close', resolve));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await sizeNow();
      const timer = setInterval(write, 8);
      const server = await started(place);
      // Whatever the machine is doing beside it, the kill comes while lines are taken.
      while ((await sizeNow()) === before) await pause(20);
      await pause(Math.random() * 400);
      server.kill('SIGKILL');
      await new Promise((resolve) => server.once('close', resolve));
      clearInterval(timer);
      for (let n = 0; n < 10; n += 1) write();
    }
    // Half a line would rightly wait for its end.
    finish();
    const server = await started(place);
    // The server says things of its own, too; and a line that came twice would come a little later.
    for (let n = 0; n < 600 && (await sizeNow()) < written.size; n += 1) await pause(200);
    await pause(8_000);
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('close', resolve));

    const verified = await wardkeep(place, ['ledger', 'verify', '--data', place.data]);
    assert.equal(verified.code, 0, verified.stderr + verified.stdout);
    const times = new Map<string, number>();
    for (const { entry } of await entriesOf(place)) {
      const raw = Buffer.from(entry.raw).toString();
      if (raw !== '') times.set(raw, (times.get(raw) ?? 0) + 1);
    }
    const lost = [...written].filter((line) => !times.has(line)).length;
    const twice = [...times].filter(([, count]) => count > 1).length;
    assert.deepEqual({ lost, twice, there: times.size }, { lost: 0, twice: 0, there: written.size });
  });

/** Each call appends some lines, the last of them often half, and rotates the log from time to time. */
function writerOf(path: string, written: Set<string>): { write: () => void; finish: () => void } {
  let next = 0;
  let writes = 0;
  let rest = '';
  writeFileSync(path, '');
  const write = (): void => {
    const lines = Array.from({ length: LINES_EACH }, () => logLine((next += 1)));
    for (const line of lines) written.add(line);
    const text = rest + lines.map((line) => `${line}\n`).join('');
    writes += 1;
    const isRotation = writes % WRITES_A_ROTATION === 0;
    const cut = isRotation ? text.length : text.length - (next % 3) * 7;
    appendFileSync(path, text.slice(0, cut));
    rest = text.slice(cut);
    if (isRotation) rotate(path, writes % (2 * WRITES_A_ROTATION) === 0);
  };
  return { write, finish: () => appendFileSync(path, rest) };
}

function rotate(path: string, isCopied: boolean): void {
  for (let n = ROTATED_KEPT; n >= 1; n -= 1)
    if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
  if (isCopied) {
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  } else {
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  }
}

async function started(place: Place): Promise<ChildProcess> {
  const child = spawn(LAUNCHER, ['up', '--data', place.data, '--log', 'error'], { env: place.env, stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => text.includes('Wardkeep is running') && resolve());
    child.once('close', () => reject(new Error(`the server did not start: ${said}`)));
  });
  return child;
}
