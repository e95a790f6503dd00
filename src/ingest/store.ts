import { type Kysely, sql } from 'kysely';
import type { Migrations } from '#kernel/database';

/** The tables of this module in the state database; derived from the ledger and rebuildable. */
export interface IngestTables {
  /** Per patient (HMAC-SHA-256 of the patient key, under a key derived from the master key): the last number given and the index of the entry that has it. */
  ingest_patients: { digest: string; counter: number; entry_index: number };
  /** One row: all entries in front of `position` are in `ingest_patients`. */
  ingest_cursor: { id: number; position: number };
}

export const INGEST_MIGRATIONS: Migrations = {
  '0001_ingest_patients': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('ingest_patients')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('counter', 'integer', (column) => column.notNull())
        .addColumn('entry_index', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('ingest_cursor')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('position', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  // The digests of before were unsalted: they are dropped, and the numbers read again from the ledger.
  '0002_ingest_patients_keyed': {
    up: async (db: Kysely<unknown>) => {
      await sql`PRAGMA secure_delete = ON`.execute(db);
      await sql`DELETE FROM ingest_patients`.execute(db);
      await sql`DELETE FROM ingest_cursor`.execute(db);
    },
  },
};

export interface PatientRow {
  digest: string;
  counter: number;
  index: number;
}

/** Rows of a query with many keys are asked for in groups: SQLite takes a limited number of parameters. */
const KEYS_PER_QUERY = 500;

export class PatientStore {
  readonly #db: Kysely<IngestTables>;

  constructor(db: Kysely<IngestTables>) {
    this.#db = db;
  }

  async position(): Promise<number> {
    const row = await this.#db.selectFrom('ingest_cursor').select('position').where('id', '=', 1).executeTakeFirst();
    return row?.position ?? 0;
  }

  async find(digests: readonly string[]): Promise<PatientRow[]> {
    const found: PatientRow[] = [];
    for (let start = 0; start < digests.length; start += KEYS_PER_QUERY) {
      const keys = digests.slice(start, start + KEYS_PER_QUERY);
      const rows = await this.#db.selectFrom('ingest_patients').selectAll().where('digest', 'in', keys).execute();
      for (const row of rows) found.push({ digest: row.digest, counter: row.counter, index: row.entry_index });
    }
    return found;
  }

  /** Rows and cursor in one transaction: both or neither. */
  async save(rows: readonly PatientRow[], position: number): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const { digest, counter, index } of rows)
        await trx
          .insertInto('ingest_patients')
          .values({ digest, counter, entry_index: index })
          .onConflict((conflict) => conflict.column('digest').doUpdateSet({ counter, entry_index: index }))
          .execute();
      await trx
        .insertInto('ingest_cursor')
        .values({ id: 1, position })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ position }))
        .execute();
    });
  }
}
