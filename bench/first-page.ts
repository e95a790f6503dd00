/** Starts `wardkeep up` as a process of its own and waits for its first page. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const IDLE_MS = 20_000;
const PORT = 18_480;
const bin = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));

/** Milliseconds to the first page, then resident memory (MiB) after 20 s of nothing; `rules` is how many were loaded. */
export async function firstPage(
  place: { dir: string; keyFile: string },
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ firstPageMs: number; idleMib: number; rules: string }> {
  const begun = performance.now();
  const child = spawn(bin, ['up', '--data', place.dir, '--key-file', place.keyFile, '--port', String(PORT)], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (data: Buffer) => (log += data.toString()));
  while (!(await isServed())) {
    if (child.exitCode !== null) throw new Error(`the server has ended: ${log}`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
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
