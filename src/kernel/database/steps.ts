import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '#kernel';
import { DatabaseError, type Migrations } from './database.ts';

export interface FormatSteps {
  /** Steps that the file has, in the order of their names. */
  done: string[];
  /** Steps that it needs to be up to date. */
  pending: string[];
  /** Steps that a newer version has made. */
  unknown: string[];
}

/**
 * Which steps of its format a database has and lacks; null where there is no file. Changes nothing.
 * @throws {DatabaseError} `unreadable`
 */
export function formatSteps(path: string, migrations: Migrations): FormatSteps | null {
  if (!existsSync(path)) return null;
  const done = new Set(stepsDone(path));
  return {
    done: [...done].toSorted(),
    pending: Object.keys(migrations).filter((name) => !done.has(name)),
    unknown: [...done].filter((name) => !Object.hasOwn(migrations, name)),
  };
}

function stepsDone(path: string): string[] {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE name = 'kysely_migration'").all();
      if (tables.length === 0) return [];
      return database
        .prepare('SELECT name FROM kysely_migration')
        .all()
        .map(({ name }) => String(name));
    } finally {
      database.close();
    }
  } catch (error) {
    throw new DatabaseError('unreadable', `${path} cannot be read (${messageOf(error)})`, {
      cause: error,
      advice: 'make it anew with: wardkeep rebuild state',
    });
  }
}
