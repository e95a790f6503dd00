/**
 * Processor time of the whole process a finding that incidents take, with so many findings in its incident before it, and
 * with so many incidents open. `burst`: findings that come without waiting for one another, as under load; `single`: each when
 * the one before is kept. Command: node bench/incidents.ts [COUNT...]   (findings in the incident; default 0 500 2000 10000)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurableFinding } from '#detect/live';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { openState } from '#kernel/database';
import { INCIDENTS_MIGRATIONS, type Incidents, type IncidentsTables, openIncidents } from '#respond/incidents';

const MEASURED = 512;
const SINGLES = 64;
const OPEN = 1_000;
const START = Date.UTC(2026, 10, 24, 2, 13);
const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [0, 500, 2_000, 10_000];

let index = 0;

/** One of a stream about a computer: 40 rules, another program each time, three events. */
function finding(device: string, user: string): DurableFinding {
  index += 10;
  const events = [1, 2, 3].map((at) => ({
    index: index - at,
    event: {
      actor: { user: { name: user } },
      device: { hostname: device },
      src_endpoint: { ip: '10.20.1.91' },
      process: { file: { path: `C:\\Users\\Public\\tool-${index}.exe` } },
    },
  }));
  const tags = ['attack.execution', `attack.t10${String(index % 40).padStart(2, '0')}`];
  const head = { references: [], falsepositives: [], fields: [], file: '', version: '1' };
  const atMs = START + index * 10;
  return {
    index,
    uid: `u${index}`,
    level: 'high',
    kind: 'event',
    indexes: events.map((one) => one.index),
    total: 3,
    rule: { ...head, id: `r${index % 40}`, title: `Rule ${index % 40}`, level: 'high', tags },
    firstMs: atMs,
    atMs: atMs + 5,
    match: { CommandLine: 'x'.repeat(200) },
    group: null,
    events,
  };
}

const one = (): DurableFinding => finding('files01', 'svc_files');
const anyOf = (): DurableFinding => {
  const n = (index / 10) % OPEN;
  const made = finding(`pc${n}`, `user${n}`);
  return { ...made, events: made.events.map(({ index, event }) => ({ index, event: { ...event, src_endpoint: {} } })) };
};

async function burst(incidents: Incidents, count: number, make: () => DurableFinding): Promise<void> {
  const made = Array.from({ length: count }, make);
  await Promise.all(made.map((finding) => incidents.accept(finding)));
}

async function cpuMs(count: number, work: () => Promise<void>): Promise<string> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1_000 / count).toFixed(3);
}

async function measured(what: string, make: () => DurableFinding, fill: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-bench-incidents-'));
  const state = await openState<IncidentsTables>(dir, INCIDENTS_MIGRATIONS);
  const world = { clock: systemClock, random: systemRandom, log: silentLog };
  const incidents = openIncidents({ state, ...world, zone: () => 'UTC' });
  // Something listens, as the server does.
  incidents.onChange(() => undefined);
  // Compiled and with warm caches, in an incident of its own.
  await burst(incidents, 256, () => finding('warm', 'warm'));
  for (let at = 0; at < fill; at += 128) await burst(incidents, Math.min(128, fill - at), make);
  const inBurst = await cpuMs(MEASURED, () => burst(incidents, MEASURED, make));
  const single = await cpuMs(SINGLES, async () => {
    for (let at = 0; at < SINGLES; at += 1) await incidents.accept(make());
  });
  console.log(`${what}: ${inBurst} ms a finding in a burst, ${single} ms single`);
  await state.destroy();
  rmSync(dir, { recursive: true });
}

console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'}, processor time of the whole process`);
for (const count of counts) await measured(`${count} findings in the incident`, one, count);
if (process.argv.length === 2) await measured(`${OPEN} incidents open, findings of all of them`, anyOf, OPEN);
