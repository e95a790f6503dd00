/**
 * The long forms: 1,000 kills, a million fuzz inputs a parser, every event of the shared data. Two test files run side by
 * side, each in a process of its own. Arguments are groups (`kills`, `fuzz`, `corpora`) or test files; without any, all run.
 * Each file leaves its last result in `bench/test-long.txt` as soon as it ends, so that the groups can run on different nights.
 * WARDKEEP_FUZZ sets another number of inputs. A result names how many each loop was fed: dear loops take a part of them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LongResult, fuzzWords, keepResult } from './long-results.ts';

const RESULTS = new URL('../bench/test-long.txt', import.meta.url);
const SIDE_BY_SIDE = 2;
const FUZZ_INPUTS = process.env['WARDKEEP_FUZZ'] ?? '1000000';
/** A file that has not ended after this long hangs. */
const FILE_MINUTES_MAX = 120;

/** A test file is of the first group whose mark it bears; one without a mark has no long form and runs in `npm test` alone. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  kills: /WARDKEEP_KILLS/,
  fuzz: /\bfuzz(?:Inputs|Lines|EnvelopedLines)\b/,
  corpora: /\bLONG\b|\bbyForm\b/,
};

const commit = commitOf();
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, Node ${process.version}`;
const waiting = chosen(process.argv.slice(2));
let failed = 0;

/** Takes one file after the other until none waits. */
async function lane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const result = await runFile(next);
    if (!result.isGood) failed += 1;
    keepResult(RESULTS, result);
    console.log(`${result.isGood ? 'ok  ' : 'FAIL'} ${result.file}: ${result.lines.join('; ')}`);
  }
}

await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
process.exitCode = failed > 0 ? 1 : 0;

interface LongFile {
  readonly file: string;
  readonly group: string;
}

function chosen(wanted: readonly string[]): LongFile[] {
  const all = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'])
    .toSorted()
    .flatMap((file): LongFile[] => {
      const group = groupOf(readFileSync(file, 'utf8'));
      return group === undefined ? [] : [{ file, group }];
    });
  const known = new Set(all.flatMap(({ file, group }) => [file, group]));
  const unknown = wanted.find((one) => !known.has(one));
  if (unknown !== undefined) throw new Error(`${unknown} is neither a group nor a test file with a long form`);
  return wanted.length === 0 ? all : all.filter(({ file, group }) => wanted.includes(file) || wanted.includes(group));
}

function groupOf(text: string): string | undefined {
  return Object.keys(GROUPS).find((name) => GROUPS[name]?.test(text));
}

async function runFile({ file, group }: LongFile): Promise<LongResult> {
  const started = Date.now();
  const { code, output, fuzzed } = await run(file);
  const minutes = ((Date.now() - started) / 60_000).toFixed(1);
  const counts = /^\d+ passed, .*$/m.exec(output)?.[0] ?? 'no result';
  const head = `${group}${fuzzWords(fuzzed)}: ${counts} in ${minutes} min`;
  const origin = `${new Date(started).toISOString().slice(0, 16)}Z, commit ${commit}, ${machine}`;
  if (code !== 0) console.log(output);
  return { file, isGood: code === 0, lines: [head, origin, ...told(output)] };
}

/** What tests say of what they saw, and what was skipped. */
function told(output: string): string[] {
  const ofRunner = /^ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => (line.startsWith('ℹ ') && !ofRunner.test(line)) || line.startsWith('skipped: '))
    .map((line) => line.replace(/^ℹ /, ''));
}

/** What a run came to; `fuzzed`: how many inputs each fuzz loop was fed, in the order in which they began. */
interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly fuzzed: readonly number[];
}

async function run(file: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'wardkeep-long-'));
  const counts = join(folder, 'fuzz-counts');
  writeFileSync(counts, '');
  try {
    const ended = await runToItsEnd(file, counts);
    const fuzzed = readFileSync(counts, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
    return { ...ended, fuzzed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runToItsEnd(file: string, fuzzCounts: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/test.ts', file], {
      // No count of another form may shorten this one.
      env: {
        ...process.env,
        WARDKEEP_LONG: '1',
        WARDKEEP_FUZZ: FUZZ_INPUTS,
        WARDKEEP_FUZZ_COUNTS: fuzzCounts,
        WARDKEEP_KILLS: undefined,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: FILE_MINUTES_MAX * 60_000,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The commit that runs; `+ changes` where the working tree is not that commit's (results aside). */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'src', 'test', 'scripts', 'rules');
  return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : ' + changes');
}
