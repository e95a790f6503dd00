import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
