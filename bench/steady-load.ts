/**
 * The whole server under an even load, with all public rules: the quiet day of the sample hospital (Zeek, Windows, FHIR
 * audit, Entra as NDJSON), sent on a clock whether or not earlier requests were answered. Each second one machine of its own
 * deletes its shadow copies, and the time from sending that line to its incident is taken. At the end what was acknowledged
 * is looked for in the ledger. Requests are of 500 events at most, 16 at a time, as shippers send; what is over that waits in
 * the sender, whose clock begins when it is sent.
 *
 *   node bench/steady-load.ts [events a second] [seconds] [a summary every so many seconds] [http|tcp]
 *
 * Over TCP the lines are syslog with octet counts, which nobody acknowledges: all that the connection took has to be there.
 *
 * The sender is a process of its own on the same machine; resident memory is the server's alone. WARDKEEP_BENCH_PROFILE=DIR
 * writes a processor profile of each thread.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLedger } from '#ledger';
import { createHospital, hospitalStream } from '#sample';

const DAY_MS = 86_400_000;
const TICK_MS = 50;
/** Events of one request, as shippers send them in bulk, and requests on their way; more waits in the shipper's own queue. */
const BODY_EVENTS_MAX = 500;
const UNANSWERED_MAX = 16;
const CANARY_MS = 1_000;
/** Nobody is measured while the rules are loaded and the code is cold. */
const WARM_UP_MS = 15_000;

const [rateText = '2000', secondsText = '600', everyText = '30', transport = 'http'] = process.argv.slice(2);
const rate = Number(rateText);
const seconds = Number(secondsText);
const everyMs = Number(everyText) * 1000;

interface Told {
  incident: string;
  atMs: number;
}

interface Counts {
  sent: number;
  acknowledged: number;
  refused: number;
  unanswered: number;
  /** Ticks in which nothing could be sent since too much was unanswered. */
  held: number;
  canaries: number;
}

const profiles = process.env['WARDKEEP_BENCH_PROFILE'];
const dir = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
const lines = quietLines();
const child = fork(fileURLToPath(new URL('./intake-serve.ts', import.meta.url)), ['server', dir], {
  // As bin/wardkeep starts `up`.
  execArgv: ['--max-semi-space-size=8'].concat(
    profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
  ),
  env: { ...process.env, MALLOC_ARENA_MAX: '2' },
});
const [place] = (await once(child, 'message')) as [{ port: number; tcpPort: number; token: string }];
const agent = new Agent({ keepAlive: true, maxSockets: UNANSWERED_MAX });
const socket = transport === 'tcp' ? connect(place.tcpPort, '127.0.0.1') : null;
if (socket !== null) await once(socket, 'connect');
const counts: Counts = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0, held: 0, canaries: 0 };
const canaries = new Map<string, number>();
const delays: number[] = [];
const answers: number[] = [];
const resident: number[] = [];
child.on('message', (told: Partial<Told>) => {
  if (told.incident !== undefined) heard(told as Told);
});

await load(WARM_UP_MS);
for (const list of [delays, answers, resident]) list.length = 0;
canaries.clear();
const before = { ...counts };
const cpuBefore = await cpuOf(child);
const started = performance.now();
await load(seconds * 1000, everyMs);
const passedS = (performance.now() - started) / 1000;
const cpu = (await cpuOf(child)) - cpuBefore;
while (counts.unanswered > 0) await pause(TICK_MS);
// The last canaries have their two seconds, too; and what the connection took is read to its end.
await pause(10_000);
socket?.end();
const acknowledged = counts.acknowledged - before.acknowledged;
report('all of it', acknowledged / passedS);
console.log(
  `${(cpu / acknowledged).toFixed(0)} us of processor time an event; ${counts.sent - before.sent} sent, ${acknowledged} acknowledged, ` +
    `${counts.refused - before.refused} refused, held back in ${counts.held - before.held} ticks of ${TICK_MS} ms; canaries without an incident: ${canaries.size}`,
);
console.log(`resident, MiB, in six parts of the time: ${parts(resident, 6).join(' ')}; peak ${peakMib()}`);
child.disconnect();
await once(child, 'exit');
console.log(`in the ledger after the stop: ${await kept()} of ${counts.acknowledged} acknowledged, warm-up included`);
rmSync(dir, { recursive: true, force: true });
console.log(
  `node bench/steady-load.ts ${rate} ${seconds} ${everyText} ${transport}   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version}, load of the machine ${loadavg()[0]?.toFixed(1)})`,
);

function quietLines(): string[] {
  const fromMs = Date.UTC(2026, 10, 23);
  const day = hospitalStream({ hospital: createHospital(7), fromMs, toMs: fromMs + DAY_MS });
  const isJson = new Set(['ehr', 'zeek', 'windows', 'entra']);
  return [...day].flatMap((minute) => minute.filter(({ channel }) => isJson.has(channel)).map(({ text }) => text));
}

async function load(ms: number, every = Number.POSITIVE_INFINITY): Promise<void> {
  const begun = performance.now();
  const already = counts.acknowledged;
  let at = 0;
  let due = 0;
  let canaryAt = 0;
  let summaryAt = every;
  for (let now = 0; now < ms; now = performance.now() - begun) {
    due = (now / 1000) * rate;
    while (at < Math.floor(due) && counts.unanswered < UNANSWERED_MAX) {
      const many = Math.min(BODY_EVENTS_MAX, Math.floor(due) - at);
      at += many;
      send(many, now >= canaryAt);
      if (now >= canaryAt) canaryAt = now + CANARY_MS;
    }
    if (at < Math.floor(due)) counts.held += 1;
    if (now >= summaryAt) {
      summaryAt += every;
      report(`${Math.round(now / 1000)} s`, ((counts.acknowledged - already) * 1000) / now);
    }
    if (Math.floor(now / 1000) >= resident.length) resident.push(residentMib());
    await pause(TICK_MS);
  }
}

function send(many: number, hasCanary: boolean): void {
  const body: string[] = [];
  for (let n = 0; n < many; n += 1) body.push(lines[(counts.sent + n) % lines.length] ?? '');
  if (hasCanary) body.push(canary());
  counts.sent += body.length;
  counts.unanswered += 1;
  const sentAt = performance.now();
  (transport === 'tcp' ? write(body) : post(Buffer.from(`${body.join('\n')}\n`)))
    .then(
      (status) => {
        if (status === 200) counts.acknowledged += body.length;
        else counts.refused += body.length;
        answers.push(performance.now() - sentAt);
      },
      () => (counts.refused += body.length),
    )
    .finally(() => (counts.unanswered -= 1));
}

/** A machine and a person that nothing else names, so that its incident is a new one. */
function canary(): string {
  counts.canaries += 1;
  const name = `canary-${counts.canaries}x`;
  canaries.set(name, Date.now());
  return JSON.stringify({
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider: 'Microsoft-Windows-Sysmon',
    Computer: `${name}.bench.invalid`,
    TimeCreated: new Date().toISOString(),
    User: `BENCH\\${name}`,
    Image: 'C:\\Windows\\System32\\vssadmin.exe',
    OriginalFileName: 'VSSADMIN.EXE',
    CommandLine: 'vssadmin.exe delete shadows /all /quiet',
  });
}

function heard({ incident, atMs }: Told): void {
  const name = /canary-\d+x/.exec(incident)?.[0];
  const sentMs = name === undefined ? undefined : canaries.get(name);
  if (name === undefined || sentMs === undefined) return;
  canaries.delete(name);
  delays.push(atMs - sentMs);
}

function post(body: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${place.token}`, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port: place.port, method: 'POST', path: '/ingest/ndjson', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(body);
  });
}

/** Resolves when the connection has taken the lines; a receiver that is behind does not read, and so it waits. */
function write(body: readonly string[]): Promise<number> {
  const framed = body.map((text) => {
    const line = `<134>1 ${new Date().toISOString()} bench.invalid bench - - - ${text}`;
    return `${Buffer.byteLength(line)} ${line}`;
  });
  return new Promise((resolve, reject) => {
    socket?.write(framed.join(''), (error) => (error ? reject(error) : resolve(200)));
  });
}

function report(label: string, perSecond: number): void {
  const inOrder = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
  const [answer, delay] = [inOrder(answers), inOrder(delays)];
  const at = (list: readonly number[], share: number): string =>
    (list[Math.floor(list.length * share)] ?? 0).toFixed(0);
  console.log(
    `${label}: ${Math.round(perSecond)} events/s acknowledged of ${rate} sent; answer p50 ${at(answer, 0.5)} p99 ${at(answer, 0.99)} ms; ` +
      `event to incident p50 ${at(delay, 0.5)} p99 ${at(delay, 0.99)} ms (${delay.length}); resident ${residentMib()} MiB`,
  );
}

function residentMib(): number {
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(statusOf())?.[1] ?? 0) / 1024);
}

function peakMib(): number {
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(statusOf())?.[1] ?? 0) / 1024);
}

function statusOf(): string {
  return readFileSync(`/proc/${child.pid}/status`, 'utf8');
}

function parts(list: readonly number[], many: number): number[] {
  const length = Math.max(1, Math.floor(list.length / many));
  return Array.from({ length: many }, (_, n) => {
    const part = list.slice(n * length, (n + 1) * length);
    return Math.round(part.reduce((sum, one) => sum + one, 0) / Math.max(1, part.length));
  });
}

/** Processor time of all threads so far, microseconds. */
async function cpuOf(process: ChildProcess): Promise<number> {
  const answered = new Promise<NodeJS.CpuUsage>((resolve) => {
    const listen = (message: Partial<NodeJS.CpuUsage>): void => {
      if (message.user === undefined) return;
      process.off('message', listen);
      resolve(message as NodeJS.CpuUsage);
    };
    process.on('message', listen);
  });
  process.send('cpu');
  const cpu = await answered;
  return cpu.user + cpu.system;
}

async function kept(): Promise<number> {
  await using ledger = await openLedger({ dir: join(dir, 'data'), keyFile: join(dir, 'key') });
  let many = 0;
  for await (const batch of ledger.read({ from: 0, to: ledger.size }))
    for (const { normal } of batch) if (Buffer.from(normal).includes('"source:')) many += 1;
  return many;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
