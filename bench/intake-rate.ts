/**
 * Durable intake over HTTP as NDJSON: Windows events of the attack campaign, 100 a request, eight connections that wait for
 * each answer. The sender is a process of its own on the same machine. Beside it the least that any receiver must do:
 * node:http, JSON.parse a line, one write and one fdatasync a request.
 *
 *   node bench/intake-rate.ts [seconds] [lines a request] [connections] [mode ...]
 *
 * Modes: `bare`; `plain`, the intake alone; `tap`, with all public rules in the mapping thread; `server`, the whole server
 * with these rules, archive, detection and incidents. WARDKEEP_BENCH_PROFILE=DIR writes a processor profile of each thread.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { campaignLines } from './campaign.ts';

const SERVE = fileURLToPath(new URL('./intake-serve.ts', import.meta.url));
const WARM_UP_MS = 4_000;
const [seconds = '15', linesText = '100', connectionsText = '8', ...chosen] = process.argv.slice(2);
const linesEach = Number(linesText);
const connections = Number(connectionsText);
const modes = chosen.length > 0 ? chosen : ['bare', 'plain', 'tap', 'server'];
const bodies = bodiesOf(campaignLines());

interface Place {
  port: number;
  token: string;
}

interface Measured {
  mode: string;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuUs: number;
  residentMib: number;
  refused: number;
}

const measured: Measured[] = [];
for (const mode of modes) measured.push(await measure(mode));
const bare = measured.find(({ mode }) => mode === 'bare')?.perSecond;
for (const one of measured) {
  const share = bare === undefined ? '' : `, ${((100 * one.perSecond) / bare).toFixed(1)} % of bare`;
  console.log(
    `${one.mode}: ${Math.round(one.perSecond)} events/s${share}; a request p50 ${one.p50Ms.toFixed(1)} ms, p99 ${one.p99Ms.toFixed(1)} ms; ` +
      `${one.cpuUs.toFixed(1)} us of processor time an event; resident ${Math.round(one.residentMib)} MiB at its peak; refused ${one.refused}`,
  );
}
console.log(
  `${linesEach} lines a request, ${connections} connections, ${seconds} s each; load of the machine ${loadavg()[0]?.toFixed(1)}`,
);

async function measure(mode: string): Promise<Measured> {
  const dir = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
  const profiles = process.env['WARDKEEP_BENCH_PROFILE'];
  const execArgv = ['--max-semi-space-size=4'].concat(
    profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, mode)}`],
  );
  const child = fork(SERVE, [mode, dir], { execArgv });
  try {
    const [place] = (await once(child, 'message')) as [Place];
    await load(place, WARM_UP_MS);
    const before = await cpuOf(child);
    const started = performance.now();
    const { times, refused } = await load(place, Number(seconds) * 1000);
    const passed = performance.now() - started;
    const cpu = (await cpuOf(child)) - before;
    const events = times.length * linesEach;
    times.sort((a, b) => a - b);
    const residentMib = peakMibOf(child);
    const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
    const perSecond = (events * 1000) / passed;
    return { mode, perSecond, p50Ms: at(0.5), p99Ms: at(0.99), cpuUs: cpu / events, residentMib, refused };
  } finally {
    child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function load(place: Place, ms: number): Promise<{ times: number[]; refused: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let refused = 0;
  let next = 0;
  const end = performance.now() + ms;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      const status = await post(agent, place, bodies[next++ % bodies.length] ?? Buffer.alloc(0));
      if (status === 200) times.push(performance.now() - started);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  agent.destroy();
  return { times, refused };
}

function post(agent: Agent, { port, token }: Place, body: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, method: 'POST', path: '/ingest/ndjson', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(body);
  });
}

/** Processor time of all threads so far, microseconds. */
async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [cpu] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return cpu.user + cpu.system;
}

function peakMibOf({ pid }: ChildProcess): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function bodiesOf(lines: readonly string[]): Buffer[] {
  const many: Buffer[] = [];
  for (let at = 0; at + linesEach <= lines.length; at += linesEach)
    many.push(Buffer.from(`${lines.slice(at, at + linesEach).join('\n')}\n`));
  return many;
}
