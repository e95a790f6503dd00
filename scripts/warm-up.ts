/**
 * Starts Wardkeep once on a data directory that is thrown away, so that what Node compiles of the sources lies in this user's
 * cache (see `bin/wardkeep`) and the first real start takes half the time. npm runs it after an install; whatever goes wrong
 * here only leaves the first start slower.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const MS_MAX = 60_000;
const POLL_MS = 100;
const NO_PORTS = { http: null, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };

const base = mkdtempSync(join(tmpdir(), 'wardkeep-warm-up-'));
try {
  // The launcher is a shell script.
  if (process.platform !== 'win32') await startOnce();
} catch (error) {
  console.log(`the first start will take longer: ${error instanceof Error ? error.message : 'a trial start failed'}`);
} finally {
  rmSync(base, { recursive: true, force: true });
}

async function startOnce(): Promise<void> {
  const port = await freePort();
  const dir = join(base, 'data');
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'wardkeep.json'), JSON.stringify({ http: { port }, intake: NO_PORTS }));
  const child = spawn(LAUNCHER, ['up', '--data', dir, '--key-file', join(base, 'key')], { stdio: 'ignore' });
  const ended = once(child, 'close');
  const until = Date.now() + MS_MAX;
  while (!(await isServed(port))) {
    if (child.exitCode !== null || Date.now() > until) break;
    await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
  }
  const isLate = Date.now() > until;
  child.kill(isLate ? 'SIGKILL' : 'SIGTERM');
  const [code] = (await ended) as [number | null];
  if (isLate || code !== 0) throw new Error('a trial start failed');
}

async function isServed(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
