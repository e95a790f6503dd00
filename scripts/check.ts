/**
 * The checks to run before each commit: types, lint, format, dead code, and the tests beside the code in their quick form:
 * few fuzz inputs, few kills, few of many cases. `npm test` runs all tests in their ordinary form.
 */
import { spawn } from 'node:child_process';

const CHECKS: readonly { name: string; command: string; args: string[] }[] = [
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'types of web', command: 'tsc', args: ['--noEmit', '-p', 'web'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'tests', command: 'node', args: ['scripts/test.ts', 'src/**/*.test.ts'] },
];

let failed = 0;
for (const { name, command, args } of CHECKS) {
  const started = Date.now();
  const { code, output } = await runQuietly(command, args);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (code === 0)
    console.log(`ok    ${name} (${seconds} s) ${name === 'tests' ? (output.trim().split('\n').at(-1) ?? '') : ''}`);
  else {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds} s)\n${output}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;

function runQuietly(command: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { WARDKEEP_QUICK: '1', WARDKEEP_FUZZ: '200', WARDKEEP_KILLS: '2', ...process.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(pieces).toString('utf8') }));
  });
}
