/**
 * Full audit of a ledger of events of about 800 B in batches of 1,000: entries a second on one core, the tree
 * with all tiles alone, and with every body opened and compared with its commitment.
 *
 *   node bench/ledger-verify.ts [entries]
 */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EntryInput, auditLedger, createLedger, openLedger } from '#ledger';

const BATCH = 1_000;
const entries = Number(process.argv[2] ?? '300000');
const base = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
await createLedger({ ...place, origin: 'bench.invalid/verify' });
{
  await using ledger = await openLedger({ ...place, publishEveryMs: 0 });
  for (let from = 0; from < entries; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_one, n): EntryInput => {
      const id = (from + n) * 2_654_435_761;
      const normal = JSON.stringify({
        class_uid: 4001,
        id,
        user: `u${id % 2000}`,
        text: `${id.toString(36)} `.repeat(70),
      });
      return { classUid: 4001, retention: 'telemetry', normal, raw: new Uint8Array(0), patient: null };
    });
    await ledger.append(batch);
  }
}
console.log(`ledger verify, ${entries} entries`);
const hashCpu = process.cpuUsage();
const node = Buffer.alloc(65, 1);
for (let n = 0; n < 2 * entries; n += 1) node.write(hash('sha256', node, 'binary'), 1, 32, 'latin1');
const hashUsed = process.cpuUsage(hashCpu);
const hashRate = (entries * 1000) / ((hashUsed.user + hashUsed.system) / 1000);
console.log(`  two bare hashes an entry: ${Math.round(hashRate).toLocaleString('en')} entries/s a core`);
for (const bodies of [false, true]) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const report = await auditLedger({ ...place, bodies });
  const ms = performance.now() - started;
  const used = process.cpuUsage(cpu);
  const coreMs = (used.user + used.system) / 1000;
  const perCore = Math.round((entries * 1000) / coreMs).toLocaleString('en');
  const wall = Math.round((entries * 1000) / ms).toLocaleString('en');
  console.log(
    `  ${bodies ? 'with every body: ' : 'tree and tiles:  '} ${perCore} entries/s a core (${wall} by the clock), ${report.good ? 'good' : 'BAD'}`,
  );
}
rmSync(base, { recursive: true, force: true });
console.log(
  `  node bench/ledger-verify.ts ${entries}   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version})`,
);
