import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withFormatsTable } from '../scripts/formats-table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULE_README_LINES_MAX = 40;

function filesUnder(folder: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name === '.git' ? [] : filesUnder(path, wanted);
    return wanted(entry.name) ? [path] : [];
  });
}

test("the README's table of formats is that of the sources", () => {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8');
  assert.equal(page, withFormatsTable(page), 'run: node scripts/formats-table.ts');
});

test('every module has a README of at most 40 lines', () => {
  const faces = filesUnder(join(ROOT, 'src'), (name) => name === 'index.ts').map(dirname);
  for (const folder of [...faces, join(ROOT, 'src/cli')]) {
    const readme = join(folder, 'README.md');
    assert.ok(existsSync(readme), `${relative(ROOT, folder)} has no README.md`);
    const lines = readFileSync(readme, 'utf8').trimEnd().split('\n').length;
    assert.ok(lines <= MODULE_README_LINES_MAX, `${relative(ROOT, readme)} has ${lines} lines`);
  }
});

test('links from page to page lead somewhere', () => {
  const pages = filesUnder(ROOT, (name) => name.endsWith('.md'));
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
      .map((link) => link[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)))
      .map((target) => `${relative(ROOT, page)}: ${target}`),
  );
  assert.deepEqual(broken, []);
});
