import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { ManualClock } from '#kernel';
import { type EntryInput, auditLedger, createLedger, openLedger } from '#ledger';
import { backUp } from './backup.ts';
import { filesUnder } from './files.ts';
import { Repository } from './repository.ts';
import { restore } from './restore.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-backup-'));
after(() => rmSync(base, { recursive: true, force: true }));
const secret = { passphrase: 'five words nobody would guess' };
let made = 0;

function entries(count: number): EntryInput[] {
  return Array.from({ length: count }, (_, i) => ({
    classUid: 1,
    retention: 'record',
    normal: `{"secret marker":${i}}`,
    raw: new Uint8Array(0),
    patient: null,
  }));
}

/** A data directory with a ledger of some entries and a state database. */
async function dataDirectory(anchor?: string) {
  const home = join(base, `d${(made += 1)}`);
  const dir = join(home, 'data');
  const keyFile = join(home, 'master.key');
  mkdirSync(dir, { recursive: true });
  await createLedger({ dir, keyFile, ...(anchor === undefined ? {} : { anchor }) });
  const append = async (count: number): Promise<void> => {
    await using ledger = await openLedger({ dir, keyFile });
    await ledger.append(entries(count));
    await ledger.publish();
  };
  await append(700);
  const state = new DatabaseSync(join(dir, 'state.sqlite'));
  state.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE verdict (text TEXT); INSERT INTO verdict VALUES ('true positive')",
  );
  writeFileSync(join(dir, 'wardkeep.json'), '{"zone":"UTC"}');
  return { home, dir, keyFile, append, state, repository: join(home, 'backup') };
}

test('a backup beside an open database and ledger restores to what was there, and the audit is good', async () => {
  const { home, dir, keyFile, state, repository: folder } = await dataDirectory();
  const repository = Repository.open(folder, secret, { create: true });
  await using writer = await openLedger({ dir, keyFile });
  await writer.append(entries(300));
  const summary = await backUp({ dir, keyFile, repository, withKey: true, clock: new ManualClock(1e12) });
  assert.equal(summary.checkedChunks, summary.newChunks);
  const to = join(home, 'restored');
  const snapshot = restore({ repository, dir: to, keyFile: join(home, 'restored.key') });
  assert.equal(snapshot.treeSize, 1_000);
  assert.equal(readFileSync(join(home, 'restored.key'), 'utf8'), readFileSync(keyFile, 'utf8'));
  const report = await auditLedger({ dir: to, keyFile: join(home, 'restored.key') });
  assert.deepEqual([report.good, report.size], [true, 1_000]);
  const copy = new DatabaseSync(join(to, 'state.sqlite'));
  assert.equal(copy.prepare('SELECT text FROM verdict').get()?.['text'], 'true positive');
  copy.close();
  state.close();
  assert.equal(readFileSync(join(to, 'wardkeep.json'), 'utf8'), '{"zone":"UTC"}');
});

test('a second backup writes only what is new, and both can be restored', async () => {
  const { home, dir, keyFile, append, state, repository: folder } = await dataDirectory();
  state.close();
  const repository = Repository.open(folder, secret, { create: true });
  const clock = new ManualClock(1e12);
  const first = await backUp({ dir, keyFile, repository, withKey: false, clock });
  clock.advance(60_000);
  const idle = await backUp({ dir, keyFile, repository, withKey: false, clock });
  assert.ok(idle.newBytes < first.newBytes / 2, `${idle.newBytes} of ${first.newBytes}`);
  await append(50);
  clock.advance(60_000);
  await backUp({ dir, keyFile, repository, withKey: false, clock });
  const sizes: number[] = [];
  for (const [at, id] of Repository.open(folder, secret, { create: false }).snapshots().entries()) {
    restore({ repository, snapshot: id, dir: join(home, `r${at}`) });
    const report = await auditLedger({ dir: join(home, `r${at}`), keyFile });
    assert.equal(report.good, true);
    sizes.push(report.size);
  }
  assert.deepEqual(sizes, [700, 700, 750]);
  repository.prune(1);
  assert.equal(repository.snapshots().length, 1);
  restore({ repository, dir: join(home, 'pruned') });
  assert.equal((await auditLedger({ dir: join(home, 'pruned'), keyFile })).size, 750);
});

test('nothing of the content, and no name of a file, can be read in the repository', async () => {
  const { dir, keyFile, state, repository: folder } = await dataDirectory();
  state.close();
  const repository = Repository.open(folder, secret, { create: true });
  await backUp({ dir, keyFile, repository, withKey: true, clock: new ManualClock(1e12) });
  const key = readFileSync(keyFile, 'utf8').trim();
  for (const path of filesUnder(folder)) {
    const bytes = readFileSync(join(folder, path));
    for (const word of ['secret marker', 'true positive', 'journal', key])
      assert.ok(!bytes.includes(word), `${word} in ${path}`);
    assert.equal(statSync(join(folder, path)).mode & 0o077, 0, path);
  }
});

test('a wrong passphrase, a changed piece and a full folder are refused with words, and nothing is half-done', async () => {
  const { home, dir, keyFile, state, repository: folder } = await dataDirectory();
  state.close();
  const repository = Repository.open(folder, secret, { create: true });
  await backUp({ dir, keyFile, repository, withKey: false, clock: new ManualClock(1e12) });
  assert.throws(() => Repository.open(folder, { passphrase: 'another passphrase' }, { create: false }), {
    code: 'wrong_key',
  });
  assert.throws(() => Repository.open(join(home, 'short'), { passphrase: 'short' }, { create: true }), {
    code: 'wrong_key',
  });
  assert.throws(() => Repository.open(dir, secret, { create: true }), { code: 'not_empty' });
  assert.throws(() => restore({ repository, dir }), { code: 'not_empty' });
  assert.throws(() => restore({ repository, dir: join(home, 'x'), snapshot: '../x' }), { code: 'unreadable' });
  for (const object of filesUnder(join(folder, 'objects'))) {
    const path = join(folder, 'objects', object);
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    rmSync(join(home, 'y'), { recursive: true, force: true });
    assert.throws(() => restore({ repository, dir: join(home, 'y') }), { code: 'damaged' }, object);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
});

test('drill: a directory restored from an old backup is noticed by the anchor, and refused for writing', async () => {
  const anchor = join(base, 'anchor', 'checkpoint');
  mkdirSync(join(base, 'anchor'));
  const { home, dir, keyFile, append, state, repository: folder } = await dataDirectory(anchor);
  state.close();
  const repository = Repository.open(folder, secret, { create: true });
  await backUp({ dir, keyFile, repository, withKey: false, clock: new ManualClock(1e12) });
  await append(20);
  restore({ repository, dir: join(home, 'old') });
  await assert.rejects(openLedger({ dir: join(home, 'old'), keyFile }), { code: 'rolled_back' });
  assert.ok(readdirSync(join(home, 'old')).includes('ledger'));
});
