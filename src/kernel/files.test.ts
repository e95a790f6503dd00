import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDirectory, replaceFile } from './files.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-files-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('a file is replaced whole, for its owner alone, and nothing lies beside it', (t) => {
  const dir = folder(t);
  const path = join(dir, 'state');
  replaceFile(path, 'first, and longer than what follows');
  replaceFile(path, 'é');
  assert.equal(readFileSync(path, 'utf8'), 'é');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['state']);
});

test('what cannot be put in its place leaves no half file and says why', (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'state', 'inner'), { recursive: true });
  assert.throws(() => replaceFile(join(dir, 'state'), 'x'), { code: /EISDIR|ENOTEMPTY|EEXIST|EPERM/ });
  assert.deepEqual(readdirSync(dir), ['state']);
});

test('a directory is made with its parents, for its owner alone; one that is there stays', (t) => {
  const dir = folder(t);
  makeDirectory(join(dir, 'a', 'b'));
  makeDirectory(join(dir, 'a', 'b'));
  assert.equal(statSync(join(dir, 'a')).mode & 0o777, 0o700);
});

test(
  'where a file system takes no folder, making one ends with what the system says',
  { skip: process.platform !== 'linux' },
  () => {
    assert.throws(() => makeDirectory('/proc/none/inner'), { code: /ENOENT|EACCES|EPERM/ });
  },
);
