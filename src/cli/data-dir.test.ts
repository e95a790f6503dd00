import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataDir } from './data-dir.ts';
import { processIo } from './io.ts';

test('a ledger whose making a crash cut short is made anew by the same command', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-data-dir-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const dir = join(base, 'data');
  mkdirSync(join(dir, 'ledger', 'keys'), { recursive: true });
  mkdirSync(join(dir, 'ledger', 'journal'));
  writeFileSync(join(dir, 'ledger', 'journal', '0000000000000000.journal'), 'WKJ');
  const io = { ...processIo(), stderr: () => undefined };
  await using data = await openDataDir(dir, io, { create: true, keyFile: join(base, 'key') });
  assert.equal(data.ledger.size, 0);
});
