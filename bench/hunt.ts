/**
 * The archive with made events (seeded, about 800 bytes, 60 days, 2,000 users, 50,000 patients, 3,000 devices): how quickly
 * it seals, how large it is, how quickly it answers.
 *
 *   node bench/hunt.ts [1m|10m|NUMBER] [DIR]     DIR is kept and used again; without one, a temporary place
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Archive, openArchive } from '#archive';
import type { StoredEntry } from '#ledger';

const DAY_MS = 86_400_000;
const DAYS = 60;
const END_MS = Date.UTC(2026, 10, 24);
const ENTRIES_A_BATCH = 1_000;

const [size = '1m', given] = process.argv.slice(2);
const many = size === '10m' ? 10_000_000 : size === '1m' ? 1_000_000 : Number(size);
const dir = given ?? mkdtempSync(join(tmpdir(), 'wardkeep-bench-'));
mkdirSync(dir, { recursive: true });

/** xorshift32: the same events in each run. */
function generator(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

let bytes = 0;

function entry(index: number): StoredEntry {
  const random = generator(index * 2_654_435_761 + 1);
  const pick = (count: number, skew = 2): number => Math.floor(random() ** skew * count);
  const receivedMs = END_MS - DAYS * DAY_MS + Math.floor((index / many) * DAYS * DAY_MS);
  const kind = random();
  const [classUid, retention] =
    kind < 0.3
      ? [6005, 'record' as const]
      : kind < 0.4
        ? [3002, 'record' as const]
        : [kind < 0.7 ? 4001 : kind < 0.85 ? 4003 : 1007, 'telemetry' as const];
  const user = `user${pick(2_000)}`;
  const event = {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    type_uid: classUid * 100 + 1,
    activity_id: 1,
    severity_id: 1 + pick(4, 6),
    status_id: random() < 0.97 ? 1 : 2,
    time: receivedMs - Math.floor(random() * 5_000),
    actor: { user: { name: user, uid: `S-1-5-21-${pick(1e9, 1)}-${user}` }, session: { uid: String(pick(1e9, 1)) } },
    device: { hostname: `PC-${pick(3_000)}`, ip: `10.${pick(16)}.${pick(256, 1)}.${pick(256, 1)}`, type_id: 2 },
    src_endpoint: { ip: `10.${pick(16)}.${pick(256, 1)}.${pick(256, 1)}`, port: 1024 + pick(60_000, 1) },
    dst_endpoint: { ip: `192.0.2.${pick(256)}`, port: 443, hostname: `host${pick(5_000)}.example` },
    ...(classUid === 6005
      ? {
          patient: { uid: `urn:oid:1.2.3|P${pick(50_000)}` },
          purpose_of_use: 'TREAT',
          record_types: ['Observation', 'Encounter'],
          record_count: 1 + pick(20),
        }
      : {}),
    ...(classUid === 4003 ? { query: { hostname: `host${pick(20_000)}.example`, type: 'A' } } : {}),
    ...(classUid === 1007
      ? {
          process: {
            name: 'svchost.exe',
            cmd_line: `C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s ${pick(1e6, 1)}`,
            pid: pick(30_000, 1),
          },
        }
      : {}),
    message: `made event ${index} of ${user} on host ${pick(5_000)}, outcome ${pick(1e9, 1).toString(36)}`,
    metadata: {
      version: '1.8.0',
      log_format: 'made/up',
      product: { name: 'Made', vendor_name: 'Up' },
      logged_time: receivedMs,
      labels: [`source:s${pick(12)}`],
    },
  };
  const normal = Buffer.from(JSON.stringify(event));
  bytes += normal.length;
  return { index, classUid, receivedMs, retention, state: 'present', normal, raw: new Uint8Array(0), patient: null };
}

async function* read(from: number, to: number): AsyncGenerator<StoredEntry[]> {
  for (let at = from; at < to; at += ENTRIES_A_BATCH)
    yield Array.from({ length: Math.min(ENTRIES_A_BATCH, to - at) }, (_one, n) => entry(at + n));
}

async function median(what: string, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  const [best = 0, , middle = 0, , worst = 0] = times.toSorted((a, b) => a - b);
  console.log(`${what}: ${middle.toFixed(0)} ms (best ${best.toFixed(0)}, worst ${worst.toFixed(0)})`);
}

const began = performance.now();
const cpu = process.cpuUsage();
{
  await using archive: Archive = await openArchive({
    dir,
    origin: 'bench.invalid/hunt',
    readFrom: read,
    ledgerSize: () => many,
    nowMs: END_MS,
  });
  const { sealedTo } = archive.status();
  await archive.settled();
  await archive.seal({ all: true });
  const made = many - sealedTo;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const status = archive.status();
  if (made > 0) {
    console.log(
      `${made} events of ${(bytes / made).toFixed(0)} bytes: ${(made / seconds).toFixed(0)} events/s with making them, ${((user + system) / made).toFixed(1)} µs of processor an event`,
    );
  }
  console.log(`${status.files} files, ${(status.bytes / many).toFixed(1)} bytes an event without the indexes`);
  console.log(`resident memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  const hunt = (sql: string): Promise<unknown> =>
    archive.hunt(sql, { limit: 10_000, seesPatients: true, timeMs: 120_000 });
  const since = new Date(END_MS - 30 * DAY_MS).toISOString().slice(0, 10);
  const patient = 'urn:oid:1.2.3|P777';
  await median('hunt: count by hour x class', () =>
    hunt("SELECT date_trunc('hour', time), class, count(*) FROM events GROUP BY ALL"),
  );
  await median('hunt: a patient, last 30 days', () =>
    hunt(
      `SELECT time, user_name, text FROM phi_access WHERE patient = '${patient}' AND day >= DATE '${since}' ORDER BY time DESC`,
    ),
  );
  await median('hunt: the same by event time alone', () =>
    hunt(
      `SELECT time, user_name, text FROM phi_access WHERE patient = '${patient}' AND time >= TIMESTAMP '${since}' ORDER BY time DESC`,
    ),
  );
  await median('look-up: a patient, last 30 days', () =>
    archive.events({ patient, sinceMs: END_MS - 30 * DAY_MS, limit: 1_000 }),
  );
  await median('look-up: last 100 of a user', () => archive.events({ user: 'user1500', limit: 100 }));
  await median('look-up: newest 100', () => archive.events({ limit: 100 }));
  await median('look-up: newest 100 with a text', () => archive.events({ text: 'outcome zz', limit: 100 }));
  await median('activity of 24 hours', () => archive.activity(24));
  await median('hunt: 20 users with most patients', () =>
    hunt('SELECT user_name, count(DISTINCT patient) AS n FROM phi_access GROUP BY ALL ORDER BY n DESC LIMIT 20'),
  );
  console.log(`resident memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
}
if (given === undefined) rmSync(dir, { recursive: true, force: true });
