/**
 * Start to first page served, and resident memory of the whole process when idle, for an empty data directory. With
 * `rules`, all public rules of the shared data are imported first. Prints one JSON line.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const IDLE_MS = 20_000;
const PORT = 18_480;
const bin = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'wardkeep-bench-'));
const dir = join(base, 'data');
const withRules = process.argv.includes('rules');
const env = { ...process.env, XDG_DATA_HOME: join(base, 'home') };

if (withRules) {
  const archive = fileURLToPath(new URL('../../shared/data/sigma/sigma-rules-8eaafff.tgz', import.meta.url));
  await run(['rules', 'import', archive]);
}
const results: { firstPageMs: number; idleMib: number; rules: string }[] = [];
// The second start finds a compile cache and a ledger, as every start but the first does.
for (let round = 0; round < 2; round += 1) results.push(await measured());
console.log(JSON.stringify({ withRules, first: results[0], again: results[1] }));
rmSync(base, { recursive: true, force: true });

async function measured() {
  const begun = performance.now();
  const child = spawn(bin, ['up', '--data', dir, '--key-file', join(base, 'key'), '--port', String(PORT)], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (data: Buffer) => (log += data.toString()));
  while (!(await isServed())) await new Promise((resolve) => void setTimeout(resolve, 20));
  const firstPageMs = Math.round(performance.now() - begun);
  await new Promise((resolve) => void setTimeout(resolve, IDLE_MS));
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  child.kill('SIGTERM');
  await new Promise((resolve) => void child.on('close', resolve));
  return { firstPageMs, idleMib: Math.round(Number(rss) / 1_024), rules: /"loaded":(\d+)/.exec(log)?.[1] ?? '' };
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${PORT}/`)).ok;
  } catch {
    return false;
  }
}

async function run(args: string[]): Promise<void> {
  const child = spawn(bin, args, { env, stdio: 'ignore' });
  await new Promise((resolve) => void child.on('close', resolve));
  if (!existsSync(join(base, 'home'))) throw new Error('the rules were not imported');
}
