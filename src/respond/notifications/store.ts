import { type Insertable, type Kysely, type Selectable, type Transaction, sql } from 'kysely';
import type { Migrations } from '#kernel/database';
import type { Channel } from './types.ts';

/** The tables of this module in the state database. */
export interface NotificationsTables {
  /** What waits to be sent, a row a way. */
  notifications_outbox: {
    id: string;
    channel: Channel;
    kind: 'incidents' | 'digest';
    /** Null for the digest. */
    incident: string | null;
    /** 1: it goes out in quiet hours, too. */
    urgent: number;
    /** JSON of what is told. */
    body: string;
    created_ms: number;
    due_ms: number;
    attempts: number;
  };
  /** The severity (its rank) at which an incident was told last. */
  notifications_told: { incident: string; severity: number; at_ms: number };
  notifications_memory: { name: string; value: string };
}

export const NOTIFICATIONS_MIGRATIONS: Migrations = {
  '0001_notifications': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('notifications_outbox')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('incident', 'text')
        .addColumn('urgent', 'integer', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('created_ms', 'integer', (column) => column.notNull())
        .addColumn('due_ms', 'integer', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('notifications_told')
        .addColumn('incident', 'text', (column) => column.primaryKey())
        .addColumn('severity', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('notifications_memory')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
    },
  },
};

export type OutboxRow = Selectable<NotificationsTables['notifications_outbox']>;
type Database = Kysely<NotificationsTables> | Transaction<NotificationsTables>;

/** All SQL of notifications. */
export class NotificationStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  atomically<T>(work: (store: NotificationStore) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute((transaction) => work(new NotificationStore(transaction)));
  }

  async add(row: Insertable<NotificationsTables['notifications_outbox']>): Promise<void> {
    await this.#db.insertInto('notifications_outbox').values(row).execute();
  }

  async waiting(channel: Channel): Promise<number> {
    const { count } = await this.#db
      .selectFrom('notifications_outbox')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('channel', '=', channel)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** What is due, the oldest first. */
  async due(channel: Channel, options: { nowMs: number; urgentOnly: boolean; limit: number }): Promise<OutboxRow[]> {
    let query = this.#db
      .selectFrom('notifications_outbox')
      .selectAll()
      .where('channel', '=', channel)
      .where('due_ms', '<=', options.nowMs)
      .orderBy('created_ms')
      .orderBy(sql`rowid`)
      .limit(options.limit);
    if (options.urgentOnly) query = query.where('urgent', '=', 1);
    return query.execute();
  }

  /** All that waits, without when and how. */
  async bodies(): Promise<Pick<OutboxRow, 'id' | 'kind' | 'body'>[]> {
    return this.#db.selectFrom('notifications_outbox').select(['id', 'kind', 'body']).execute();
  }

  async setBody(id: string, body: string): Promise<void> {
    await this.#db.updateTable('notifications_outbox').set({ body }).where('id', '=', id).execute();
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#db.deleteFrom('notifications_outbox').where('id', 'in', ids).execute();
  }

  async postpone(ids: readonly string[], dueMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.#db
      .updateTable('notifications_outbox')
      .set((eb) => ({ due_ms: dueMs, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', ids)
      .execute();
  }

  async removeChannel(channel: Channel): Promise<void> {
    await this.#db.deleteFrom('notifications_outbox').where('channel', '=', channel).execute();
  }

  async removeIncident(incident: string): Promise<void> {
    await this.#db.deleteFrom('notifications_outbox').where('incident', '=', incident).execute();
  }

  /** Everything that waits for its next attempt is due now. */
  async retryAll(nowMs: number): Promise<void> {
    await this.#db.updateTable('notifications_outbox').set({ due_ms: nowMs }).execute();
  }

  /** Rank of the severity at which it was told last; null when it was not. */
  async told(incident: string): Promise<number | null> {
    const row = await this.#db
      .selectFrom('notifications_told')
      .select('severity')
      .where('incident', '=', incident)
      .executeTakeFirst();
    return row?.severity ?? null;
  }

  async setTold(incident: string, severity: number, atMs: number): Promise<void> {
    await this.#db
      .insertInto('notifications_told')
      .values({ incident, severity, at_ms: atMs })
      .onConflict((conflict) => conflict.column('incident').doUpdateSet({ severity, at_ms: atMs }))
      .execute();
  }

  async forgetTold(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('notifications_told').where('at_ms', '<', beforeMs).execute();
  }

  async memory(name: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('notifications_memory')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.value ?? null;
  }

  async remember(name: string, value: string): Promise<void> {
    await this.#db
      .insertInto('notifications_memory')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }
}
