/**
 * Start to first page served, and resident memory of the whole process when idle, for an empty data directory. With
 * `rules`, all public rules of the shared data are imported first. Prints one JSON line.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstPage } from './first-page.ts';

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
for (let round = 0; round < 2; round += 1) results.push(await firstPage({ dir, keyFile: join(base, 'key') }, env));
console.log(JSON.stringify({ withRules, first: results[0], again: results[1] }));
rmSync(base, { recursive: true, force: true });

async function run(args: string[]): Promise<void> {
  const child = spawn(bin, args, { env, stdio: 'ignore' });
  await new Promise((resolve) => void child.on('close', resolve));
  if (!existsSync(join(base, 'home'))) throw new Error('the rules were not imported');
}
