import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Migrations } from '#kernel/database';
import { STEPS_AHEAD_MAX } from './totp.ts';
import type { Role, TokenScope } from './types.ts';

/** The tables of this module in the state database. */
export interface AccountsTables {
  accounts_users: {
    id: string;
    name: string;
    /** The name folded: two names that look alike to a person are one. */
    name_key: string;
    role: Role;
    sees_patients: number;
    /** PHC string. */
    password: string;
    must_change: number;
    /** Sealed; null without a second factor. */
    totp: Uint8Array | null;
    /** The step of the last code that was taken. */
    totp_step: number | null;
    /** Sealed; a second factor that is not confirmed yet. */
    totp_pending: Uint8Array | null;
    locked: number;
    created_ms: number;
    last_sign_in_ms: number | null;
  };
  accounts_sessions: {
    id: string;
    /** SHA-256 of the secret, hex. */
    hash: string;
    user_id: string;
    created_ms: number;
    seen_ms: number;
  };
  accounts_tokens: {
    id: string;
    hash: string;
    name: string;
    scopes: string;
    created_ms: number;
    expires_ms: number | null;
    last_used_ms: number | null;
  };
  /** At most one row: the set-up link that is good. */
  accounts_setup: { id: number; hash: string; expires_ms: number };
  /** Failed sign-ins by digest of what they are counted by. */
  accounts_attempts: { id: string; failures: number; last_ms: number };
}

export const ACCOUNTS_MIGRATIONS: Migrations = {
  '0001_accounts': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('accounts_users')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('name_key', 'text', (column) => column.notNull().unique())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('sees_patients', 'integer', (column) => column.notNull())
        .addColumn('password', 'text', (column) => column.notNull())
        .addColumn('must_change', 'integer', (column) => column.notNull())
        .addColumn('totp', 'blob')
        .addColumn('totp_step', 'integer')
        .addColumn('totp_pending', 'blob')
        .addColumn('locked', 'integer', (column) => column.notNull())
        .addColumn('created_ms', 'integer', (column) => column.notNull())
        .addColumn('last_sign_in_ms', 'integer')
        .execute();
      await db.schema
        .createTable('accounts_sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull().references('accounts_users.id').onDelete('cascade'))
        .addColumn('created_ms', 'integer', (column) => column.notNull())
        .addColumn('seen_ms', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('accounts_sessions_user')
        .on('accounts_sessions')
        .columns(['user_id', 'created_ms'])
        .execute();
      await db.schema
        .createTable('accounts_tokens')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('created_ms', 'integer', (column) => column.notNull())
        .addColumn('expires_ms', 'integer')
        .addColumn('last_used_ms', 'integer')
        .execute();
      await db.schema
        .createTable('accounts_setup')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('expires_ms', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  '0002_accounts_attempts': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('accounts_attempts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('last_ms', 'integer', (column) => column.notNull())
        .execute();
    },
  },
};

export type UserRow = Selectable<AccountsTables['accounts_users']>;
export type SessionRow = Selectable<AccountsTables['accounts_sessions']>;
export type TokenRow = Selectable<AccountsTables['accounts_tokens']>;
type Database = Kysely<AccountsTables> | Transaction<AccountsTables>;

/** All SQL of the accounts. */
export class AccountsStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Runs `work` in one transaction: all of it or nothing. */
  atomically<T>(work: (store: AccountsStore) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute((transaction) => work(new AccountsStore(transaction)));
  }

  users(): Promise<UserRow[]> {
    return this.#db.selectFrom('accounts_users').selectAll().orderBy('name_key').execute();
  }

  async user(id: string): Promise<UserRow | null> {
    return (await this.#db.selectFrom('accounts_users').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
  }

  async userByKey(nameKey: string): Promise<UserRow | null> {
    const query = this.#db.selectFrom('accounts_users').selectAll().where('name_key', '=', nameKey);
    return (await query.executeTakeFirst()) ?? null;
  }

  async countUsers(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('accounts_users')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Administrators that can sign in, besides this one. */
  async countOtherAdministrators(id: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('accounts_users')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('role', '=', 'administrator')
      .where('locked', '=', 0)
      .where('id', '!=', id)
      .executeTakeFirstOrThrow();
    return count;
  }

  async insertUser(row: UserRow): Promise<void> {
    await this.#db.insertInto('accounts_users').values(row).execute();
  }

  async updateUser(id: string, change: Partial<Omit<UserRow, 'id'>>): Promise<void> {
    await this.#db.updateTable('accounts_users').set(change).where('id', '=', id).execute();
  }

  async deleteUser(id: string): Promise<void> {
    await this.#db.deleteFrom('accounts_users').where('id', '=', id).execute();
  }

  /** Takes the step of a code, unless it or a later one was taken meanwhile; one of a far future does not count. */
  async takeTotpStep(id: string, step: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('accounts_users')
      .set({ totp_step: step })
      .where('id', '=', id)
      .where((eb) =>
        eb.or([eb('totp_step', 'is', null), eb('totp_step', '<', step), eb('totp_step', '>', step + STEPS_AHEAD_MAX)]),
      )
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async session(id: string): Promise<SessionRow | null> {
    return (await this.#db.selectFrom('accounts_sessions').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
  }

  /** Adds a session; of the user's older ones only `kept - 1` stay. */
  async insertSession(row: SessionRow, kept: number): Promise<void> {
    const newest = this.#db
      .selectFrom('accounts_sessions')
      .select('id')
      .where('user_id', '=', row.user_id)
      .orderBy('created_ms', 'desc')
      .limit(kept - 1);
    await this.#db
      .deleteFrom('accounts_sessions')
      .where('user_id', '=', row.user_id)
      .where('id', 'not in', newest)
      .execute();
    await this.#db.insertInto('accounts_sessions').values(row).execute();
  }

  async touchSession(id: string, seenMs: number): Promise<void> {
    await this.#db.updateTable('accounts_sessions').set({ seen_ms: seenMs }).where('id', '=', id).execute();
  }

  async deleteSession(id: string): Promise<void> {
    await this.#db.deleteFrom('accounts_sessions').where('id', '=', id).execute();
  }

  /** Ends all sessions of a user; `except` stays. */
  async deleteSessionsOf(userId: string, except: string | null): Promise<void> {
    let query = this.#db.deleteFrom('accounts_sessions').where('user_id', '=', userId);
    if (except !== null) query = query.where('id', '!=', except);
    await query.execute();
  }

  async deleteSessionsBefore(times: { createdMs: number; seenMs: number }): Promise<void> {
    await this.#db
      .deleteFrom('accounts_sessions')
      .where((eb) => eb.or([eb('created_ms', '<=', times.createdMs), eb('seen_ms', '<=', times.seenMs)]))
      .execute();
  }

  tokens(): Promise<TokenRow[]> {
    return this.#db.selectFrom('accounts_tokens').selectAll().orderBy('created_ms', 'desc').execute();
  }

  async token(id: string): Promise<TokenRow | null> {
    return (await this.#db.selectFrom('accounts_tokens').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
  }

  async insertToken(row: TokenRow): Promise<void> {
    await this.#db.insertInto('accounts_tokens').values(row).execute();
  }

  async touchToken(id: string, usedMs: number): Promise<void> {
    await this.#db.updateTable('accounts_tokens').set({ last_used_ms: usedMs }).where('id', '=', id).execute();
  }

  async deleteToken(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('accounts_tokens').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async setupLink(): Promise<{ hash: string; expires_ms: number } | null> {
    return (await this.#db.selectFrom('accounts_setup').select(['hash', 'expires_ms']).executeTakeFirst()) ?? null;
  }

  /** The newest counts of failed sign-ins, oldest first. */
  async attempts(many: number): Promise<Selectable<AccountsTables['accounts_attempts']>[]> {
    const query = this.#db.selectFrom('accounts_attempts').selectAll().orderBy('last_ms', 'desc').limit(many);
    return (await query.execute()).toReversed();
  }

  /** Null is forgotten. */
  async saveAttempts(rows: ReadonlyMap<string, { failures: number; last_ms: number } | null>): Promise<void> {
    for (const [id, row] of rows)
      if (row === null) await this.#db.deleteFrom('accounts_attempts').where('id', '=', id).execute();
      else
        await this.#db
          .insertInto('accounts_attempts')
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
  }

  /** Forgets counts that were touched outside of these times: too long ago, or in a future that a wrong clock showed. */
  async deleteAttemptsOutside(times: { fromMs: number; toMs: number }): Promise<void> {
    await this.#db
      .deleteFrom('accounts_attempts')
      .where((eb) => eb.or([eb('last_ms', '<', times.fromMs), eb('last_ms', '>', times.toMs)]))
      .execute();
  }

  /** Replaces the set-up link; null ends it. */
  async setSetupLink(link: { hash: string; expires_ms: number } | null): Promise<void> {
    await this.#db.deleteFrom('accounts_setup').execute();
    if (link !== null)
      await this.#db
        .insertInto('accounts_setup')
        .values({ id: 1, ...link })
        .execute();
  }
}

export function scopesOf(row: Pick<TokenRow, 'scopes'>): TokenScope[] {
  return row.scopes.split(' ').filter((scope) => scope !== '') as TokenScope[];
}
