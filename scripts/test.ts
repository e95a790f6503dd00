/**
 * Runs the tests and closes with one line, `123 passed, 0 failed, 2 skipped`. Arguments are files or globs; without any, all
 * tests run. Each file has a process of its own; with `--together` all run in this one, which spares their starts. A skip is
 * printed with its reason; in CI (`CI=true`) it fails the run unless it is one of ALLOWED_SKIPS. CI prints the files that took
 * longest, too.
 */
import { statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { availableParallelism, homedir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const TEST_GLOBS = ['src/**/*.test.ts', 'test/**/*.test.ts'];

/**
 * Skips that may happen in CI too: their reason begins with one of these. Each is about what a fresh clone on an ordinary
 * runner cannot have; where it is there, the tests run.
 */
const ALLOWED_SKIPS: readonly string[] = [
  'long form only',
  // Real logs, public rules and vectors under licences of their own: they are never part of the repository.
  'the shared data (../shared/data) does not lie beside the project',
  // 70 MB from Debian unstable, which a build should not depend on.
  'no verifiers in',
  // Rights that containers often lack.
  'no right to mount',
  'needs root',
];

/** Files named at the end of a run in CI. */
const SLOWEST = 25;

const isTogether = process.argv.includes('--together');
const globs = process.argv.slice(2).filter((one) => one !== '--together');
keepCompiled();
const counts = { passed: 0, failed: 0 };
const skipped: { name: string; reason: string }[] = [];
/** Milliseconds by test file. */
const took = new Map<string, number>();

const stream = run({
  globPatterns: globs.length > 0 ? globs : TEST_GLOBS,
  ...(isTogether
    ? { isolation: 'none' }
    : { concurrency: availableParallelism(), execArgv: ['--disable-warning=ExperimentalWarning'] }),
});
stream.on('test:pass', (data) => {
  // A file and a suite are containers of tests, not tests.
  if (data.details.type === 'suite' || data.name === data.file) return;
  if (data.skip !== undefined && data.skip !== false)
    skipped.push({ name: data.name, reason: typeof data.skip === 'string' ? data.skip : 'no reason given' });
  else counts.passed += 1;
});
stream.on('test:complete', ({ file, nesting, details }) => {
  if (file !== undefined && nesting === 0) took.set(file, (took.get(file) ?? 0) + details.duration_ms);
});
stream.on('test:fail', (data) => {
  if (data.details.type !== 'suite') counts.failed += 1;
});
const failures = stream.compose(new spec());
for await (const text of failures)
  if (process.env['CI'] !== 'true' || /✖|failing/.test(String(text))) process.stdout.write(text);

if (process.env['CI'] === 'true') {
  const slowest = [...took].toSorted(([, a], [, b]) => b - a).slice(0, SLOWEST);
  const lines = slowest.map(([file, ms]) => `  ${(ms / 1000).toFixed(1)} s  ${relative(process.cwd(), file)}`);
  console.log(['the files that took longest:', ...lines].join('\n'));
}
for (const { name, reason } of skipped) console.log(`skipped: ${name} (${reason})`);
const forbidden =
  process.env['CI'] === 'true'
    ? skipped.filter(({ reason }) => !ALLOWED_SKIPS.some((one) => reason.startsWith(one)))
    : [];
if (forbidden.length > 0) console.log(`${forbidden.length} of these skips must not happen in CI`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${skipped.length} skipped`);
process.exitCode = counts.failed > 0 || forbidden.length > 0 || counts.passed === 0 ? 1 : 0;

/**
 * What Node compiled of the sources is kept for the next run, which spares half of the start of each test file. Node trusts
 * what it finds there, so the folder is the launcher's own (see bin/wardkeep) and only where it is this user's.
 */
function keepCompiled(): void {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const owner = statSync(cache, { throwIfNoEntry: false }) ?? statSync(join(cache, '..'), { throwIfNoEntry: false });
  if (owner?.uid === process.getuid?.()) process.env['NODE_COMPILE_CACHE'] ??= join(cache, 'wardkeep', 'node');
  if (isTogether) enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}
