import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

const GOOD = `title: t
logsource: {product: windows}
detection: {selection: {A: b}, condition: selection}
`;

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
  writeFileSync(join(source, 'one.yml'), GOOD);
  const target = join(base, 'imported');
  await importRules(source, target, new Date(0));
  assert.deepEqual(readdirSync(target), ['rules']);
  assert.equal((await readRuleFiles(target)).length, 1);
});

test('an import of which no rule can be loaded leaves nothing behind, and an earlier one as it was', async (t) => {
  const base = temporaryDirectory(t);
  const [source, target] = [join(base, 'rules'), join(base, 'imported')];
  mkdirSync(source);
  writeFileSync(join(source, 'one.yml'), 'title: x\n');
  const first = await importRules(source, target, new Date(0));
  assert.deepEqual([first.folder, first.files, first.report.failed.length], [null, 0, 1]);
  assert.equal(existsSync(target), false);
  writeFileSync(join(source, 'two.yml'), GOOD);
  assert.equal((await importRules(source, target, new Date(0))).files, 2);
  rmSync(join(source, 'two.yml'));
  await importRules(source, target, new Date(0));
  assert.deepEqual(readdirSync(join(target, 'rules')).toSorted(), ['SOURCE.json', 'one.yml', 'two.yml']);
});
