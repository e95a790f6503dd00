/**
 * The checks to run before each commit: types, lint, format, dead code, and the tests beside the code in their quick form:
 * few fuzz inputs, few of many cases, most files side by side in one process. What is left out is printed (see
 * check-tests.ts); `npm test` runs all tests in their ordinary form, a process a file.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { LEFT_OUT, testRuns } from './check-tests.ts';

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The compiler keeps what it found in `.cache`, so that the next check looks again only at what has changed. */
const types = (name: string, ...project: string[]): Check => ({
  name,
  command: 'tsc',
  args: [
    '--noEmit',
    ...project,
    '--incremental',
    '--tsBuildInfoFile',
    `.cache/${name.replaceAll(' ', '-')}.tsbuildinfo`,
  ],
});

const tests = testRuns().map(({ name, files, isTogether }): Check => ({
  name,
  command: 'node',
  args: ['--disable-warning=ExperimentalWarning', 'scripts/test.ts', ...(isTogether ? ['--together'] : []), ...files],
}));

// Long ones first, so that no core is left without work at the end.
const waiting: Check[] = [
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  ...tests,
  types('types'),
  types('types of web', '-p', 'web'),
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'format', command: 'oxfmt', args: ['--check'] },
];

const started = Date.now();
let failed = 0;
let passed = 0;

/** Takes one check after the other until none waits. */
async function lane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const begun = Date.now();
    const { code, output } = await runQuietly(next);
    const seconds = secondsSince(begun);
    const counts = /^(\d+) passed, .*$/m.exec(output);
    passed += Number(counts?.[1] ?? 0);
    if (code !== 0) failed += 1;
    console.log(
      code === 0
        ? `ok    ${next.name} (${seconds} s) ${counts?.[0] ?? ''}`
        : `FAIL  ${next.name} (${seconds} s)\n${failuresOf(output)}`,
    );
  }
}

// One more than there are cores: tests wait for disks, too.
await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane));
for (const { why, files } of LEFT_OUT) console.log(`left to npm test, they ${why}: ${files.join(', ')}`);
console.log(`${failed === 0 ? 'ok' : `${failed} checks FAILED`}, ${passed} tests passed, ${secondsSince(started)} s`);
process.exitCode = failed > 0 ? 1 : 0;

function secondsSince(begunMs: number): string {
  return ((Date.now() - begunMs) / 1000).toFixed(1);
}

/** Of a run of tests what failed; of any other check all that it said. */
function failuresOf(output: string): string {
  return output.slice(Math.max(0, output.indexOf('✖ failing tests:')));
}

function runQuietly({ command, args }: Check): Promise<{ code: number; output: string }> {
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
