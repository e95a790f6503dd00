import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectory } from './files.ts';
import { systemErrorWords } from './system-error.ts';

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

test('a refusal of the file system becomes a sentence with its path, the reason and an advice', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-refusals-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'file');
  writeFileSync(file, '');
  symlinkSync(join(dir, 'b'), join(dir, 'a'));
  symlinkSync(join(dir, 'a'), join(dir, 'b'));
  const cases: [() => void, RegExp][] = [
    [() => readFileSync(join(dir, 'none')), /none cannot be opened: there is no such file or folder \(ENOENT\)$/],
    [() => writeFileSync(dir, ''), /cannot be opened: it is a folder, not a file \(EISDIR\)$/],
    [() => readdirSync(file), /file cannot be read: a part of that path is a file, not a folder \(ENOTDIR\)$/],
    [() => mkdirSync(join(file, 'x')), /x cannot be made: a part of that path is a file, not a folder \(ENOTDIR\)$/],
    [() => makeDirectory(file), /file cannot be made: something else of that name is there already \(EEXIST\)$/],
    [() => readFileSync(join(dir, 'a')), /a cannot be opened: its links lead in a circle \(ELOOP\)$/],
    [() => writeFileSync(join(dir, 'n'.repeat(400)), ''), /the name is longer than its file system allows/],
  ];
  for (const [act, words] of cases) {
    const found = systemErrorWords(thrownBy(act));
    assert.match(found?.sentence ?? 'no words', words);
    assert.notEqual(found?.advice ?? '', '');
  }
});

test('what names no path is told, too; what is no refusal of the system has no words', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  assert.match(systemErrorWords(full)?.sentence ?? '', /^a file cannot be written: there is no room left/);
  for (const other of [
    new Error('x'),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    Object.assign(new Error('x'), { code: 'toString', syscall: 'open' }),
    Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    Object.assign(new Error('x'), { code: 'EACCES', syscall: 'listen' }),
    Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'spawn git', path: 'git' }),
    null,
  ])
    assert.equal(systemErrorWords(other), null);
});
