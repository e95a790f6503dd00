/**
 * Peak resident memory of `scan` and `ingest` over one million events (Zeek connections, made here), each a process of its
 * own, and the time from the start of `scan` to its first finding with all rules.
 *
 *   node bench/memory.ts
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedPath } from '../test/support/shared.ts';
import { zeekLines } from './zeek-lines.ts';

const WARDKEEP = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
const RULES = sharedPath('sigma/sigma-rules-8eaafff.tgz');
const base = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
const million = join(base, 'million.ndjson');

/** Runs the command; gives the peak of VmHWM in MiB and the seconds until the first byte on standard output. */
async function observe(
  args: readonly string[],
): Promise<{ peakMib: number; firstSeconds: number | null; seconds: number }> {
  const started = performance.now();
  let peakMib = 0;
  let firstSeconds: number | null = null;
  const child = spawn(WARDKEEP, args, {
    env: { ...process.env, XDG_CONFIG_HOME: base },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.on('data', () => {
    firstSeconds ??= (performance.now() - started) / 1000;
  });
  const timer = setInterval(() => {
    const path = `/proc/${child.pid}/status`;
    if (!existsSync(path)) return;
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))?.[1];
    peakMib = Math.max(peakMib, Number(kib ?? 0) / 1024);
  }, 50);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { peakMib, firstSeconds, seconds: (performance.now() - started) / 1000 };
}

async function writeMillion(): Promise<void> {
  const out = createWriteStream(million);
  for (let part = 0; part < 20; part += 1)
    await new Promise<void>((resolve) => void out.write(`${zeekLines(50_000).join('\n')}\n`, () => resolve()));
  await new Promise<void>((resolve) => void out.end(resolve));
}

await writeMillion();
const show = (name: string, { peakMib, seconds }: Awaited<ReturnType<typeof observe>>): void =>
  console.log(
    `${name}: peak resident ${Math.round(peakMib)} MiB over 1,000,000 events, ${seconds.toFixed(0)} s (wanted: 400 MB)`,
  );
show('scan --threads 1', await observe(['scan', '--threads', '1', '--rules', RULES, million]));
show('scan --threads 2', await observe(['scan', '--threads', '2', '--rules', RULES, million]));
show('ingest', await observe(['ingest', '--data', join(base, 'data'), million]));
const first = await observe([
  'scan',
  '--threads',
  '1',
  '--output',
  'ndjson',
  '--rules',
  RULES,
  sharedPath('windows/lsass_campaign.zip'),
]);
console.log(
  `scan start to first finding, all rules, 53,698 events in a zip: ${first.firstSeconds?.toFixed(2)} s (wanted: 2.5 s)`,
);
const small = await observe([
  'scan',
  '--threads',
  '1',
  '--output',
  'ndjson',
  '--rules',
  RULES,
  sharedPath('windows/atomic/credential_access__psh_lsass_memory_dump_comsvcs.zip'),
]);
console.log(`scan start to first finding, all rules, a file of 139 events: ${small.firstSeconds?.toFixed(2)} s`);
console.log(`  node bench/memory.ts   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version})`);
rmSync(base, { recursive: true, force: true });
