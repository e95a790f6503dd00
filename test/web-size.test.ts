import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/web', import.meta.url));
/** What a browser may load before the overview stands, gzip kB. */
const FIRST_PAGE_KB_MAX = 300;

interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
}

const skip = existsSync(join(DIST, '.vite/manifest.json'))
  ? false
  : 'the pages are not built: run node scripts/build-web.ts';

test('the first page loads at most 300 kB of script, packed', { skip }, () => {
  const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
  const files = new Set<string>();
  const load = (name: string): void => {
    const chunk = manifest[name];
    assert.ok(chunk !== undefined, `the build has no ${name}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) load(imported);
  };
  // What the address `/` needs behind the sign-in: the start, the palette of the frame, and the page itself.
  for (const name of ['index.html', 'console/shell/palette.tsx', 'console/overview/overview-page.tsx']) load(name);
  const packed = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
  console.log(`first page: ${(packed / 1000).toFixed(0)} kB of script in ${files.size} files, gzip`);
  assert.ok(packed <= FIRST_PAGE_KB_MAX * 1000, `${packed} bytes`);
  assert.ok(![...files].some((file) => file.includes('picture')), 'charts are loaded with the first page');
});
