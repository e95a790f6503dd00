import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../bin/wardkeep', import.meta.url));
/** Where the launcher's own tools (dirname, readlink, ls, cat) lie, and no Node. */
const TOOLS = ['dirname', 'readlink', 'ls', 'cat', 'sh'];
const onPosix = { skip: process.platform === 'win32' ? 'the launcher of Windows is wardkeep.cmd' : false };

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-launcher-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A folder for PATH with the launcher's tools alone, and with a `node` that answers as told. */
function toolsIn(dir: string, nodeScript?: string): string {
  const bin = join(dir, 'tools');
  mkdirSync(bin);
  for (const tool of TOOLS) {
    const path = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(path, join(bin, tool));
  }
  if (nodeScript !== undefined) {
    writeFileSync(join(bin, 'node'), `#!${join(bin, 'sh')}\n${nodeScript}\n`);
    chmodSync(join(bin, 'node'), 0o755);
  }
  return bin;
}

/** A copy of the launcher in a tree without node_modules, run with this PATH. */
function runCopy(dir: string, path: string): SpawnSyncReturns<string> {
  const copy = join(dir, 'copy', 'bin', 'wardkeep');
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(LAUNCHER, copy);
  return spawnSync(join(path, 'sh'), [copy, 'scan', 'a b'], { encoding: 'utf8', env: { PATH: path } });
}

test('it runs through symbolic links, absolute and relative, and from another folder', onPosix, (t) => {
  const dir = scratch(t);
  symlinkSync(LAUNCHER, join(dir, 'first'));
  mkdirSync(join(dir, 'elsewhere'));
  symlinkSync('../first', join(dir, 'elsewhere', 'wardkeep'));
  const { status, stdout } = spawnSync(join(dir, 'elsewhere', 'wardkeep'), ['--version'], {
    cwd: dir,
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('without any Node it says what to do, and ends with 1', onPosix, (t) => {
  const dir = scratch(t);
  const { status, stdout, stderr } = runCopy(dir, toolsIn(dir));
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
  assert.match(stderr, /no Node\.js of at least 24 found.*there is no node on your PATH/s);
  assert.match(stderr, /npm ci/);
});

test('an older Node is not used and is named', onPosix, (t) => {
  const dir = scratch(t);
  const old = 'case $1 in -p) echo 20;; --version) echo v20.19.2;; *) echo started; exit 0;; esac';
  const { status, stdout, stderr } = runCopy(dir, toolsIn(dir, old));
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
  assert.match(stderr, /the node on your PATH is v20\.19\.2/);
});

test('a Node on the PATH that is new enough is used, with the arguments as they were', onPosix, (t) => {
  const dir = scratch(t);
  const fresh =
    'if [ "$1" = -p ]; then echo 26; else while [ "${1#--}" != "$1" ]; do shift; done; shift; printf "%s|" "$@"; exit 7; fi';
  const { status, stdout } = runCopy(dir, toolsIn(dir, fresh));
  assert.deepEqual({ status, stdout }, { status: 7, stdout: 'scan|a b|' });
});

test('exit codes pass through', onPosix, () => {
  assert.equal(spawnSync(LAUNCHER, ['--version']).status, 0);
  assert.equal(spawnSync(LAUNCHER, ['nonsense']).status, 2);
  assert.equal(spawnSync(LAUNCHER, ['scan', '/nowhere']).status, 1);
});

test('a signal to the launcher is a signal to Wardkeep: there is one process', onPosix, async (t) => {
  const dir = scratch(t);
  const data = join(dir, 'data');
  const key = join(dir, 'key');
  // It waits for standard input, which nobody closes.
  const child = spawn(LAUNCHER, ['ingest', '--data', data, '--key-file', key, '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill('SIGTERM');
  assert.equal(await ended, 'SIGTERM');
});

test('a reader that closes early is no error', onPosix, () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${LAUNCHER}" rules list 2>/dev/null | head -1`], {
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});
