import type { Kysely } from 'kysely';
import type { Migrations } from '#kernel/database';

/** The tables of this module in the state database. */
export interface ConsoleTables {
  /** One row a setting, its value as JSON. */
  console_settings: { name: string; value: string };
  /** Sealed. */
  console_secrets: { name: string; sealed: Uint8Array };
  /** What was set for a rule; null as in its file. */
  console_rules: { id: string; enabled: number | null; level: string | null };
  console_hunts: { id: string; name: string; sql: string; picture: string; author: string; changed_ms: number };
  console_filters: FilterRow;
}

export const CONSOLE_MIGRATIONS: Migrations = {
  '0001_console': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('console_settings')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('console_secrets')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('sealed', 'blob', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('console_hunts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('sql', 'text', (column) => column.notNull())
        .addColumn('picture', 'text', (column) => column.notNull())
        .addColumn('author', 'text', (column) => column.notNull())
        .addColumn('changed_ms', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  '0002_rules': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('console_rules')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('enabled', 'integer')
        .addColumn('level', 'text')
        .execute();
    },
  },
  '0003_filters': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('console_filters')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('page', 'text', (column) => column.notNull())
        .addColumn('search', 'text', (column) => column.notNull())
        .addColumn('author', 'text', (column) => column.notNull())
        .addColumn('changed_ms', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  // Those that were saved before it are everybody's, as they were.
  '0004_filters_of_one': {
    up: async (db: Kysely<unknown>) => {
      await db.schema.alterTable('console_filters').addColumn('owner', 'text').execute();
      await db.schema
        .alterTable('console_filters')
        .addColumn('shared', 'integer', (column) => column.notNull().defaultTo(1))
        .execute();
    },
  },
};

export interface FilterRow {
  id: string;
  name: string;
  page: string;
  search: string;
  author: string;
  changed_ms: number;
  /** Id of the account or token that saved it; null where that was not kept. */
  owner: string | null;
  /** 1 where everybody sees it. */
  shared: number;
}

export interface HuntRow {
  id: string;
  name: string;
  sql: string;
  picture: string;
  author: string;
  changed_ms: number;
}

/** All SQL of the console. */
export class ConsoleStore {
  readonly #db: Kysely<ConsoleTables>;

  constructor(db: Kysely<ConsoleTables>) {
    this.#db = db;
  }

  async settings(): Promise<Map<string, string>> {
    const rows = await this.#db.selectFrom('console_settings').selectAll().execute();
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  async secrets(): Promise<Map<string, Uint8Array>> {
    const rows = await this.#db.selectFrom('console_secrets').selectAll().execute();
    return new Map(rows.map(({ name, sealed }) => [name, sealed]));
  }

  /** Values and secrets in one transaction; null removes a secret. */
  async save(values: ReadonlyMap<string, string>, secrets: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const [name, value] of values)
        await transaction
          .insertInto('console_settings')
          .values({ name, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
          .execute();
      for (const [name, sealed] of secrets) {
        await transaction.deleteFrom('console_secrets').where('name', '=', name).execute();
        if (sealed !== null) await transaction.insertInto('console_secrets').values({ name, sealed }).execute();
      }
    });
  }

  rules(): Promise<{ id: string; enabled: number | null; level: string | null }[]> {
    return this.#db.selectFrom('console_rules').selectAll().execute();
  }

  async saveRule(row: { id: string; enabled: number | null; level: string | null }): Promise<void> {
    await this.#db
      .insertInto('console_rules')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  hunts(): Promise<HuntRow[]> {
    return this.#db.selectFrom('console_hunts').selectAll().orderBy('name').execute();
  }

  async saveHunt(row: HuntRow): Promise<void> {
    await this.#db
      .insertInto('console_hunts')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async deleteHunt(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('console_hunts').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  filters(): Promise<FilterRow[]> {
    return this.#db.selectFrom('console_filters').selectAll().orderBy('name').execute();
  }

  async saveFilter(row: FilterRow): Promise<void> {
    await this.#db
      .insertInto('console_filters')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async deleteFilter(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('console_filters').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}
