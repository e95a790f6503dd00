import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, Kysely, type Migration, Migrator } from 'kysely';
import { WardkeepError, makeDirectory, messageOf } from '#kernel';
import { NodeSqliteDialect, type OpenSqlite, openSqlite } from './sqlite.ts';

export type DatabaseErrorCode =
  /** The file cannot be opened or is no database. */
  | 'unreadable'
  /** The file was written by a newer Wardkeep. */
  | 'newer_format'
  /** A migration failed; the file is as it was before it. */
  | 'migration_failed';

export class DatabaseError extends WardkeepError<DatabaseErrorCode> {}

/**
 * Migrations of one module, by name: `0001_findings`. Names sort in the order in which they run; a table's name begins with
 * its module's (`detect_cursor`), and only that module's `store.ts` names it.
 */
export type Migrations = Readonly<Record<string, Migration>>;

const STATE_FILE = 'state.sqlite';
/** How long a statement waits for another process, ms; and at the start, when that one may be migrating. */
const WAIT_MS = 5_000;
const START_WAIT_MS = 60_000;
const WAL_AGAIN_MS = 50;

/**
 * Opens the state database of a data directory (made when missing) and brings it up to date. State is what can be rebuilt
 * from the ledger or set again by hand; the ledger itself never lies here.
 * @throws {DatabaseError} `unreadable`, `newer_format`, `migration_failed`
 */
export async function openState<Tables>(dir: string, migrations: Migrations): Promise<Kysely<Tables>> {
  makeDirectory(dir);
  const path = join(dir, STATE_FILE);
  makePrivate(path);
  return openDatabase<Tables>(path, migrations);
}

/** SQLite makes files that everybody may read; those beside the database take its mode. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** As `openState`, on a path of its own; `:memory:` for tests. */
export async function openDatabase<Tables>(path: string, migrations: Migrations): Promise<Kysely<Tables>> {
  const database = new Kysely<Tables>({ dialect: new NodeSqliteDialect({ database: opened(path) }) });
  try {
    // First of all: whoever starts at the same time may be at work on the file for a while.
    await set(database, `busy_timeout = ${START_WAIT_MS}`);
    await useWal(database);
    // Durable at each commit: a lost cursor would be replayed, but a lost verdict of a person would be gone.
    for (const pragma of ['synchronous = FULL', 'foreign_keys = ON']) await set(database, pragma);
    await migrate(database, path, { ...(await othersOf(database, migrations)), ...migrations });
    await set(database, `busy_timeout = ${WAIT_MS}`);
    return database;
  } catch (error) {
    await database.destroy();
    throw error instanceof DatabaseError ? error : unreadable(path, error);
  }
}

async function set<Tables>(database: Kysely<Tables>, pragma: string): Promise<void> {
  await database.executeQuery(CompiledQuery.raw(`PRAGMA ${pragma}`));
}

/** A file that is not in WAL mode yet is changed to it, for which SQLite does not wait: another process may do it just now. */
async function useWal<Tables>(database: Kysely<Tables>): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += WAL_AGAIN_MS) {
    try {
      await set(database, 'journal_mode = WAL');
      return;
    } catch (error) {
      if (waitedMs >= START_WAIT_MS || !/locked|busy/i.test(messageOf(error))) throw error;
      await sleep(WAL_AGAIN_MS);
    }
  }
}

function opened(path: string): OpenSqlite {
  try {
    return openSqlite(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The server and single commands open the same file with the tables of different modules. What another module has done
 * there (its name follows the number: `0001_incidents`) is none of ours; an unknown step of one of our own modules was
 * made by a newer version.
 */
async function othersOf<Tables>(database: Kysely<Tables>, migrations: Migrations): Promise<Record<string, Migration>> {
  const own = new Set(Object.keys(migrations).map(moduleOf));
  const table = CompiledQuery.raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'kysely_migration'");
  if ((await database.executeQuery(table)).rows.length === 0) return {};
  const { rows } = await database.executeQuery<{ name: string }>(
    CompiledQuery.raw('SELECT name FROM kysely_migration'),
  );
  const others = rows.map(({ name }) => name).filter((name) => !own.has(moduleOf(name)));
  return Object.fromEntries(others.map((name) => [name, { up: async () => undefined }]));
}

function moduleOf(migration: string): string {
  return migration.split('_')[1] ?? '';
}

/**
 * All steps that a file lacks are made in one transaction: a process that is killed on the way leaves it as it was, and one
 * that starts at the same time waits.
 */
async function migrate<Tables>(database: Kysely<Tables>, path: string, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    // Each module numbers its own migrations, so that a new module may sort in front of an old one.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (/missing/.test(messageOf(error)))
    throw new DatabaseError('newer_format', `${path} was written by a newer Wardkeep`, {
      cause: error,
      advice: 'run that version, or a later one, on this data directory',
    });
  throw new DatabaseError('migration_failed', `${path} could not be brought up to date (${messageOf(error)})`, {
    cause: error,
  });
}

/**
 * Rewrites the file so that nothing which was deleted or overwritten is left in it or in its write-ahead log. Gives false
 * where somebody else is reading it: then the log keeps old pages until the last of them has closed it.
 * @throws whatever SQLite does when the disk is full.
 */
export async function scrub<Tables>(database: Kysely<Tables>): Promise<boolean> {
  await database.executeQuery(CompiledQuery.raw('VACUUM'));
  const { rows } = await database.executeQuery<{ busy: number }>(CompiledQuery.raw('PRAGMA wal_checkpoint(TRUNCATE)'));
  return rows[0]?.busy === 0;
}

function unreadable(path: string, error: unknown): DatabaseError {
  return new DatabaseError('unreadable', `${path} cannot be opened (${messageOf(error)})`, {
    cause: error,
    advice: 'check its permissions; make it anew with: wardkeep rebuild state',
  });
}
