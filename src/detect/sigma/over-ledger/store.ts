import type { Kysely } from 'kysely';
import type { Migrations } from '#kernel/database';

/** The table of this module in the state database. */
export interface DetectTables {
  /** One row: entries in front of `position` are done; `correlations` is what the correlator saved at that moment. */
  detect_cursor: { id: number; position: number; correlations: Uint8Array };
}

export const DETECT_MIGRATIONS: Migrations = {
  '0001_detect_cursor': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('detect_cursor')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('correlations', 'blob', (column) => column.notNull())
        .execute();
    },
  },
};

export interface Cursor {
  position: number;
  correlations: Uint8Array;
}

export class CursorStore {
  readonly #db: Kysely<DetectTables>;

  constructor(db: Kysely<DetectTables>) {
    this.#db = db;
  }

  /** Null before the first run. */
  async load(): Promise<Cursor | null> {
    const row = await this.#db.selectFrom('detect_cursor').selectAll().where('id', '=', 1).executeTakeFirst();
    return row === undefined ? null : { position: row.position, correlations: row.correlations };
  }

  /** Cursor and correlation state in one write: both or neither. */
  async save({ position, correlations }: Cursor): Promise<void> {
    await this.#db
      .insertInto('detect_cursor')
      .values({ id: 1, position, correlations })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ position, correlations }))
      .execute();
  }
}
