import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';

/**
 * Kysely's dialect with two things that it leaves out. Changes of the schema belong to the transaction that they stand in,
 * as SQLite can do (https://sqlite.org/lang_transaction.html): without it a process killed between a step and the note of
 * it leaves a file that no later start can bring up to date. And a transaction takes the lock for writing when it begins:
 * one that reads first and writes later fails at once where somebody else has written in between, whatever `busy_timeout` says.
 */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new WritingDriver(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class WritingDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export type OpenSqlite = ReturnType<typeof openSqlite>;

/** Statements that are kept prepared. */
const STATEMENTS_MAX = 200;

/**
 * What Kysely's SQLite dialect asks of a driver, on the SQLite that Node itself brings.
 * @throws when the file cannot be opened
 */
export function openSqlite(path: string) {
  const database = new DatabaseSync(path);
  const prepared = new Map<string, ReturnType<typeof prepare>>();
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
      run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
      // Rows come while other statements run: a statement of its own, which no other run can reset.
      iterate: (parameters: readonly unknown[]) => database.prepare(sql).iterate(...values(parameters)),
    };
  };
  return {
    close: () => {
      prepared.clear();
      database.close();
    },
    /** Preparing takes longer than most statements run; SQLite itself prepares anew what a changed schema makes stale. */
    prepare(sql: string) {
      const known = prepared.get(sql);
      const statement = known ?? prepare(sql);
      // The one that was used longest ago stands first.
      prepared.delete(sql);
      prepared.set(sql, statement);
      const [oldest] = prepared.keys();
      if (prepared.size > STATEMENTS_MAX && oldest !== undefined) prepared.delete(oldest);
      return statement;
    },
  };
}

function values(parameters: readonly unknown[]): SQLInputValue[] {
  return [...parameters] as SQLInputValue[];
}
