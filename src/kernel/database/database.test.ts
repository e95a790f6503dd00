import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { CompiledQuery, type Kysely } from 'kysely';
import { DatabaseError, type Migrations, openDatabase, openState, scrub } from './index.ts';

interface Tables {
  test_cursor: { name: string; position: number };
}

const FIRST: Migrations = {
  '0001_test_cursor': {
    up: async (db: Kysely<unknown>) => {
      await db.schema.createTable('test_cursor').addColumn('name', 'text').addColumn('position', 'integer').execute();
    },
  },
};
const SECOND: Migrations = { ...FIRST, '0002_test_more': { up: async () => undefined } };

function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'wardkeep-database-'));
}

test('what is written is there after reopening', async () => {
  const dir = scratch();
  const first = await openState<Tables>(dir, FIRST);
  await first.insertInto('test_cursor').values({ name: 'detect', position: 7 }).execute();
  await first.destroy();
  const second = await openState<Tables>(dir, SECOND);
  const rows = await second.selectFrom('test_cursor').selectAll().execute();
  assert.deepEqual(
    rows.map(({ name, position }) => ({ name, position })),
    [{ name: 'detect', position: 7 }],
  );
  await second.destroy();
});

test('the state and the files beside it are for their owner alone', async () => {
  const dir = scratch();
  const database = await openState<Tables>(dir, FIRST);
  await database.insertInto('test_cursor').values({ name: 'detect', position: 7 }).execute();
  const files = readdirSync(dir).filter((name) => name.startsWith('state.sqlite'));
  assert.ok(files.length > 1, 'the write-ahead log lies beside it');
  for (const name of files) assert.equal(statSync(join(dir, name)).mode & 0o077, 0, name);
  await database.destroy();
});

test('a transaction that throws leaves nothing behind', async () => {
  const database = await openDatabase<Tables>(':memory:', FIRST);
  const failing = database.transaction().execute(async (trx) => {
    await trx.insertInto('test_cursor').values({ name: 'a', position: 1 }).execute();
    throw new Error('stop');
  });
  await assert.rejects(failing, /stop/);
  assert.equal((await database.selectFrom('test_cursor').selectAll().execute()).length, 0);
  await database.destroy();
});

test('a file in which other modules have tables opens with those of one, and loses nothing', async () => {
  const dir = scratch();
  const other: Migrations = { '0001_other': FIRST['0001_test_cursor'] ?? { up: async () => undefined } };
  await (await openState<Tables>(dir, other)).destroy();
  const own: Migrations = { '0001_own': { up: async () => undefined } };
  const database = await openState<Tables>(dir, own);
  await database.insertInto('test_cursor').values({ name: 'a', position: 1 }).execute();
  await database.destroy();
  const both = await openState<Tables>(dir, { ...other, ...own });
  assert.equal((await both.selectFrom('test_cursor').selectAll().execute()).length, 1);
  await both.destroy();
  const newer: Migrations = { ...own, '0002_own_more': { up: async () => undefined } };
  await (await openState<Tables>(dir, newer)).destroy();
  await assert.rejects(openState<Tables>(dir, own), { code: 'newer_format' });
});

test('a file of a newer version is refused with words', async () => {
  const dir = scratch();
  await (await openState<Tables>(dir, SECOND)).destroy();
  await assert.rejects(
    openState<Tables>(dir, FIRST),
    (error) => error instanceof DatabaseError && error.code === 'newer_format' && error.advice !== undefined,
  );
});

test('a file that is no database is refused with words', async () => {
  const path = join(scratch(), 'state.sqlite');
  writeFileSync(path, 'not a database, and long enough to be looked at'.repeat(100));
  await assert.rejects(
    openDatabase<Tables>(path, FIRST),
    (error) => error instanceof DatabaseError && error.code === 'unreadable',
  );
});

test('scrubbing leaves nothing deleted in the file or its log, and says when another reader keeps it from that', async () => {
  const dir = scratch();
  const database = await openState<Tables>(dir, FIRST);
  const names = Array.from({ length: 100 }, (_, i) => ({ name: `evelyn-${i}-`.repeat(100), position: i }));
  await database.insertInto('test_cursor').values(names).execute();
  await database.deleteFrom('test_cursor').where('position', '>', 0).execute();
  const disk = (): string =>
    readdirSync(dir)
      .map((name) => readFileSync(join(dir, name)).toString('latin1'))
      .join('');
  assert.match(disk(), /evelyn-7-/);
  const reader = new DatabaseSync(join(dir, 'state.sqlite'));
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM test_cursor').all();
  await database.executeQuery(CompiledQuery.raw('PRAGMA busy_timeout = 10'));
  assert.equal(await scrub(database), false);
  reader.close();
  assert.equal(await scrub(database), true);
  assert.doesNotMatch(disk(), /evelyn-7-/);
  assert.match(disk(), /evelyn-0-/);
  await database.destroy();
});

/** What a process of its own runs: opens the state with two steps, the second of which does `then` after its first table. */
function opening(dir: string, then: string): string {
  const module = JSON.stringify(new URL('./index.ts', import.meta.url).href);
  return `import { openState } from ${module};
    const table = (db, name) => db.schema.createTable(name).addColumn('position', 'integer').execute();
    const state = await openState(${JSON.stringify(dir)}, {
      '0001_test': { up: async (db) => { await table(db, 'test_first'); } },
      '0002_test': { up: async (db) => { await table(db, 'test_second'); ${then}; await table(db, 'test_third'); } },
    });
    await state.destroy();`;
}

async function run(script: string): Promise<{ signal: string | null; stderr: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stderr = text(child.stderr);
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, stderr: await stderr };
}

test('a process killed within a step leaves a file that the next start brings up to date', async () => {
  const dir = scratch();
  assert.equal((await run(opening(dir, "process.kill(process.pid, 'SIGKILL')"))).signal, 'SIGKILL');
  assert.deepEqual(tablesOf(dir), []);
  assert.deepEqual(await run(opening(dir, '')), { signal: null, stderr: '' });
  assert.deepEqual(tablesOf(dir), ['test_first', 'test_second', 'test_third']);
});

test('processes that start at the same time make each step once', async () => {
  const dir = scratch();
  const slow = opening(dir, 'await new Promise((done) => setTimeout(done, 300))');
  for (const ran of await Promise.all(Array.from({ length: 5 }, () => run(slow))))
    assert.deepEqual(ran, { signal: null, stderr: '' });
  assert.deepEqual(tablesOf(dir), ['test_first', 'test_second', 'test_third']);
});

function tablesOf(dir: string): string[] {
  const database = new DatabaseSync(join(dir, 'state.sqlite'));
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'test%' ORDER BY name").all();
  database.close();
  return rows.map(({ name }) => String(name));
}
