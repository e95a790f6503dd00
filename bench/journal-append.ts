/**
 * Journal append, one thread: batches of 1,000 events of 800 B, committed, sealed, durable, as a share of
 * write + fdatasync of one prepared Buffer of the same bytes. Both alternate in one run.
 *
 *   node bench/journal-append.ts [rounds]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EntryInput, createLedger, openLedger } from '#ledger';

const BATCH = 1_000;
const EVENT_BYTES = 800;
const rounds = Number(process.argv[2] ?? '150');

/** A plausible event: fields that repeat, fields that do not. */
function eventOf(n: number): string {
  const user = `user${(n * 7919) % 2000}`;
  const start = JSON.stringify({
    class_uid: 4001,
    category_uid: 4,
    activity_id: 1 + (n % 6),
    severity_id: 1,
    time: 1_700_000_000_000 + n * 37,
    metadata: { version: '1.8.0', product: { name: 'Firewall', vendor_name: 'Example' }, uid: hex(n, 32) },
    actor: {
      user: { name: user, uid: `S-1-5-21-${(n * 31337) % 99_999}-${n % 5000}` },
      session: { uid: hex(n * 3, 16) },
    },
    src_endpoint: { ip: `10.${n % 256}.${(n >> 8) % 256}.${(n * 13) % 256}`, port: 1024 + ((n * 101) % 60_000) },
    dst_endpoint: {
      ip: `172.16.${(n * 17) % 256}.${(n * 5) % 256}`,
      port: [443, 80, 53, 3389][n % 4],
      hostname: `srv-${n % 300}`,
    },
    traffic: { bytes_in: (n * 7907) % 1_000_000, bytes_out: (n * 104_729) % 5_000_000 },
    unmapped: { rule: `rule-${n % 90}`, zone: n % 2 === 0 ? 'clinical' : 'office' },
  });
  const padding = EVENT_BYTES - start.length - ',"message":""'.length;
  return `${start.slice(0, -1)},"message":"${hex(n * 11, Math.max(0, padding))}"}`;
}

function hex(seed: number, length: number): string {
  let text = '';
  for (let x = seed + 1; text.length < length; x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) text += x.toString(16);
  return text.slice(0, length);
}

const base = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
await createLedger({ ...place, origin: 'bench.invalid/append' });
const batches = Array.from({ length: 8 }, (_one, batch) =>
  Array.from({ length: BATCH }, (_two, n): EntryInput => {
    const normal = eventOf(batch * BATCH + n);
    return { classUid: 4001, retention: 'telemetry', normal, raw: new Uint8Array(0), patient: null };
  }),
);
const prepared = batches.map((batch) => Buffer.from(batch.map((entry) => entry.normal).join('')));
const fd = openSync(join(base, 'plain'), 'w');
let plainMs = 0;
let ledgerMs = 0;
{
  await using ledger = await openLedger({ ...place, publishEveryMs: 0 });
  for (let round = -10; round < rounds; round += 1) {
    const bytes = prepared[(round + 16) % 8] ?? Buffer.alloc(0);
    let started = performance.now();
    writeSync(fd, bytes);
    fdatasyncSync(fd);
    const plain = performance.now() - started;
    started = performance.now();
    await ledger.append(batches[(round + 16) % 8] ?? []);
    const sealed = performance.now() - started;
    if (round < 0) continue;
    plainMs += plain;
    ledgerMs += sealed;
  }
}
closeSync(fd);
rmSync(base, { recursive: true, force: true });

const rate = (ms: number): string => Math.round((rounds * BATCH * 1000) / ms).toLocaleString('en');
const bytes = Math.round((prepared[0]?.length ?? 0) / BATCH);
console.log(`journal append, ${rounds} batches of ${BATCH} events of ${bytes} B, one at a time`);
console.log(`  write + fdatasync of a prepared buffer: ${rate(plainMs)} events/s`);
console.log(`  committed, sealed, durable:             ${rate(ledgerMs)} events/s`);
console.log(`  share: ${((100 * plainMs) / ledgerMs).toFixed(1)} %`);
console.log(
  `  node bench/journal-append.ts ${rounds}   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version})`,
);
