import type { Kysely } from 'kysely';
import type { Migrations } from '#kernel/database';
import type { LiveSource, SourceKind } from './types.ts';

/** The tables of this module in the state database. */
export interface IntakeTables {
  intake_sources: {
    id: string;
    name: string;
    kind: string;
    format: string;
    zone: string | null;
    silent_after_ms: number | null;
    created_ms: number;
    /** SHA-256 of the token, hex. */
    token_digest: string | null;
    /** Of senders that bring no token. */
    address: string | null;
    /** 1 when somebody has looked at it; what announces itself begins with 0. */
    confirmed: number;
    /** `StoredStatus` as JSON. */
    status: string | null;
  };
}

export const INTAKE_MIGRATIONS: Migrations = {
  '0001_intake': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('intake_sources')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('format', 'text', (column) => column.notNull())
        .addColumn('zone', 'text')
        .addColumn('silent_after_ms', 'integer')
        .addColumn('created_ms', 'integer', (column) => column.notNull())
        .addColumn('token_digest', 'text')
        .addColumn('address', 'text')
        .addColumn('confirmed', 'integer', (column) => column.notNull())
        .addColumn('status', 'text')
        .addUniqueConstraint('intake_sources_address', ['kind', 'address'])
        .execute();
    },
  },
};

/** A source as it is kept. */
export interface StoredSource {
  source: LiveSource;
  createdMs: number;
  tokenDigest: string | null;
  address: string | null;
  isConfirmed: boolean;
  status: string | null;
}

export class SourceStore {
  readonly #db: Kysely<IntakeTables>;

  constructor(db: Kysely<IntakeTables>) {
    this.#db = db;
  }

  async all(): Promise<StoredSource[]> {
    const rows = await this.#db.selectFrom('intake_sources').selectAll().orderBy('created_ms').execute();
    return rows.map((row) => ({
      source: {
        id: row.id,
        name: row.name,
        kind: row.kind as SourceKind,
        format: row.format,
        zone: row.zone,
        silentAfterMs: row.silent_after_ms,
      },
      createdMs: row.created_ms,
      tokenDigest: row.token_digest,
      address: row.address,
      isConfirmed: row.confirmed === 1,
      status: row.status,
    }));
  }

  async save({ source, createdMs, tokenDigest, address, isConfirmed, status }: StoredSource): Promise<void> {
    const { id, name, kind, format, zone, silentAfterMs } = source;
    const row = {
      name,
      kind,
      format,
      zone,
      silent_after_ms: silentAfterMs,
      created_ms: createdMs,
      token_digest: tokenDigest,
      address,
      confirmed: Number(isConfirmed),
      status,
    };
    await this.#db
      .insertInto('intake_sources')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async saveStatuses(statuses: ReadonlyMap<string, string>): Promise<void> {
    if (statuses.size === 0) return;
    await this.#db.transaction().execute(async (trx) => {
      for (const [id, status] of statuses)
        await trx.updateTable('intake_sources').set({ status }).where('id', '=', id).execute();
    });
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('intake_sources').where('id', '=', id).execute();
  }
}
