import type { Kysely } from 'kysely';
import type { Migrations } from '#kernel/database';

export interface ForwardingTables {
  /** Entries in front of `position` were sent to the target of this name. */
  forwarding_cursor: { target: string; position: number };
}

export const FORWARDING_MIGRATIONS: Migrations = {
  '0001_forwarding': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('forwarding_cursor')
        .addColumn('target', 'text', (column) => column.primaryKey())
        .addColumn('position', 'integer', (column) => column.notNull())
        .execute();
    },
  },
};

export class ForwardingStore {
  readonly #db: Kysely<ForwardingTables>;

  constructor(db: Kysely<ForwardingTables>) {
    this.#db = db;
  }

  /** Null for a target that was never sent to. */
  async position(target: string): Promise<number | null> {
    const row = await this.#db
      .selectFrom('forwarding_cursor')
      .select('position')
      .where('target', '=', target)
      .executeTakeFirst();
    return row?.position ?? null;
  }

  async setPosition(target: string, position: number): Promise<void> {
    await this.#db
      .insertInto('forwarding_cursor')
      .values({ target, position })
      .onConflict((conflict) => conflict.column('target').doUpdateSet({ position }))
      .execute();
  }
}
