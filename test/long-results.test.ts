import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepResult } from '../scripts/long-results.ts';

test('a result takes the place of the former one of its file, and a failure stays visible', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'results.txt');
  keepResult(path, { file: 'src/b.test.ts', isGood: true, lines: ['1 passed', 'told'] });
  keepResult(path, { file: 'src/a.test.ts', isGood: false, lines: ['0 passed, 1 failed'] });
  keepResult(path, { file: 'src/b.test.ts', isGood: true, lines: ['2 passed'] });
  const [title, ...blocks] = readFileSync(path, 'utf8').trimEnd().split('\n\n');
  assert.match(title ?? '', /^# /);
  assert.deepEqual(blocks, ['src/a.test.ts FAILED\n  0 passed, 1 failed', 'src/b.test.ts\n  2 passed']);
  keepResult(path, { file: 'src/a.test.ts', isGood: true, lines: ['1 passed'] });
  assert.doesNotMatch(readFileSync(path, 'utf8'), /FAILED/);
});
