/**
 * The long forms: 1,000 kills, a million fuzz inputs a parser, every event of the shared data. Leaves its last result in
 * `bench/test-long.txt`. Arguments are files or globs, as with `npm test`.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const started = new Date();
const env = { ...process.env, WARDKEEP_LONG: '1', WARDKEEP_FUZZ: process.env['WARDKEEP_FUZZ'] ?? '1000000' };
const child = spawn(process.execPath, ['scripts/test.ts', ...process.argv.slice(2)], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const lines: string[] = [];
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  process.stdout.write(text);
  lines.push(...text.split('\n').filter((line) => /^(?:\d+ passed|skipped:)/.test(line)));
});
child.on('close', (code) => {
  const minutes = ((Date.now() - started.getTime()) / 60_000).toFixed(1);
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, Node ${process.version}`;
  const head = [
    `npm run test:long ${process.argv.slice(2).join(' ')}`.trim(),
    started.toISOString(),
    machine,
    `${minutes} min`,
  ];
  writeFileSync(new URL('../bench/test-long.txt', import.meta.url), `${[...head, ...lines].join('\n')}\n`);
  process.exitCode = code ?? 1;
});
