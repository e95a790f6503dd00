import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { importRules } from './import-rules.ts';
import { readRuleFiles } from './rule-files.ts';

function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-rule-files-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('links, pipes and devices among rules are named, not read', { timeout: 10_000 }, async (t) => {
  const base = temporaryDirectory(t);
  const folder = join(base, 'rules');
  mkdirSync(folder);
  writeFileSync(join(base, 'secret'), 'not: yours\n');
  writeFileSync(join(folder, 'good.yml'), 'title: x\n');
  symlinkSync('/dev/null', join(folder, 'device.yml'));
  symlinkSync(join(base, 'secret'), join(folder, 'link.yml'));
  execFileSync('mkfifo', [join(folder, 'pipe.yml')]);
  const files = await readRuleFiles(folder);
  const read = files.filter((file) => 'text' in file).map(({ file }) => basename(file));
  assert.deepEqual(read, ['good.yml']);
  assert.equal(files.length, 4);
});

test('an import whose name begins with a dot is not hidden from those who load it', async (t) => {
  const base = temporaryDirectory(t);
  const source = join(base, '.rules');
  mkdirSync(source);
  writeFileSync(join(source, 'one.yml'), 'title: x\n');
  const target = join(base, 'imported');
  await importRules(source, target, new Date(0));
  assert.deepEqual(readdirSync(target), ['rules']);
  assert.equal((await readRuleFiles(target)).length, 1);
});
