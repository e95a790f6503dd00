/**
 * `ingest` end to end, durable, as a share of a bare JSON.parse loop over the same lines. Windows NDJSON (the attack
 * campaign, twice) and Zeek connections (made here, one million). Best of the rounds for both sides.
 *
 *   node bench/ingest-rate.ts [rounds]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { INGEST_MIGRATIONS, type IngestTables, PatientCounter, ingest } from '#ingest';
import { systemClock } from '#kernel';
import { openState } from '#kernel/database';
import { campaignLines } from './campaign.ts';
import { zeekLines } from './zeek-lines.ts';

const rounds = Number(process.argv[2] ?? '3');
const base = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));

function parseRate(lines: readonly string[]): number {
  const started = performance.now();
  let keys = 0;
  for (const line of lines) keys += (JSON.parse(line) as object) === null ? 0 : 1;
  return (keys * 1000) / (performance.now() - started);
}

async function ingestRate(path: string, round: number): Promise<number> {
  const place = { dir: join(base, `data-${round}-${Math.random()}`), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: `bench.invalid/${round}` });
  await using ledger: Ledger = await openLedger(place);
  const state = await openState<IngestTables>(place.dir, INGEST_MIGRATIONS);
  const started = performance.now();
  const summary = await (async () => {
    await using patients = await PatientCounter.open(state, ledger);
    return ingest({ ledger, patients, clock: systemClock, paths: [path] });
  })();
  const rate = ((summary.events + summary.rejected) * 1000) / (performance.now() - started);
  await state.destroy();
  rmSync(place.dir, { recursive: true, force: true });
  return rate;
}

async function measure(name: string, lines: readonly string[], least: number): Promise<void> {
  const path = join(base, `${name}.ndjson`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  let parse = 0;
  let durable = 0;
  for (let round = 0; round < rounds; round += 1) {
    parse = Math.max(parse, parseRate(lines));
    durable = Math.max(durable, await ingestRate(path, round));
  }
  const show = (rate: number): string => Math.round(rate).toLocaleString('en');
  console.log(`ingest, ${name}: ${lines.length.toLocaleString('en')} events, best of ${rounds}`);
  console.log(`  bare JSON.parse:      ${show(parse)} events/s`);
  console.log(`  ingested and durable: ${show(durable)} events/s`);
  console.log(`  share: ${((100 * durable) / parse).toFixed(1)} % (wanted: ${least} %)`);
}

const campaign = campaignLines();
await measure('windows', [...campaign, ...campaign], 25);
await measure('zeek', zeekLines(500_000), 12);
rmSync(base, { recursive: true, force: true });
console.log(
  `  node bench/ingest-rate.ts ${rounds}   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version})`,
);
