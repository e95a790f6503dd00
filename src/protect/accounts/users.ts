import { AccountsError } from './errors.ts';
import { whoOf } from './events.ts';
import { USERS_MAX } from './limits.ts';
import { cleanName, nameKey } from './names.ts';
import { newFirstPassword, newId } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import type { AccountsStore, UserRow } from './store.ts';
import type { Account, Actor, Role } from './types.ts';
import { type World, accountOf, recordChange } from './world.ts';

export interface UserCreate {
  name: string;
  role: Role;
  seesPatients: boolean;
}

export interface UserChange {
  role?: Role | undefined;
  seesPatients?: boolean | undefined;
  isLocked?: boolean | undefined;
}

/** What an administrator does with the accounts of others. */
export interface Users {
  list(): Promise<Account[]>;
  /** @throws {AccountsError} `bad_name`, `name_taken`, `too_many`, `busy` */
  create(actor: Actor, create: UserCreate): Promise<{ account: Account; password: string }>;
  /** Locking ends the sessions. @throws {AccountsError} `no_such_user`, `last_administrator` */
  change(actor: Actor, id: string, change: UserChange): Promise<Account>;
  /** @throws {AccountsError} `no_such_user`, `last_administrator` */
  remove(actor: Actor, id: string): Promise<void>;
  /**
   * A new first password, without second factor, for somebody who lost theirs; all sessions end.
   * @throws {AccountsError} `no_such_user`, `busy`
   */
  reset(actor: Actor, id: string): Promise<{ account: Account; password: string }>;
}

export function createUsers(world: World, sessions: Sessions): Users {
  const { store, passwords, clock, random } = world;
  return {
    async list() {
      return (await store.users()).map(accountOf);
    },
    async create(actor, create) {
      const name = cleanName(create.name);
      await refuseTaken(store, name);
      const password = newFirstPassword(random);
      const row = newUser(world, { ...create, name, password: await passwords.hash(password), mustChange: true });
      await recordChange(world, {
        kind: 'user-created',
        actor,
        user: { id: row.id, name, role: row.role },
        change: { role: row.role, seesPatients: create.seesPatients },
      });
      await store.atomically(async (inside) => {
        await refuseTaken(inside, name);
        await inside.insertUser(row);
      });
      return { account: accountOf(row), password };
    },
    async change(actor, id, change) {
      const row = await existing(store, id);
      const after = changed(row, change);
      if (row.role === after.role && row.sees_patients === after.sees_patients && row.locked === after.locked)
        return accountOf(row);
      if (!canAdminister(after)) await refuseLast(store, row);
      await recordChange(world, {
        kind: row.locked === after.locked ? 'user-changed' : after.locked === 1 ? 'user-locked' : 'user-unlocked',
        actor,
        user: whoOf(accountOf(row)),
        change: { role: after.role, seesPatients: after.sees_patients === 1, isLocked: after.locked === 1 },
      });
      await store.atomically(async (inside) => {
        if (!canAdminister(after)) await refuseLast(inside, row);
        await inside.updateUser(id, { role: after.role, sees_patients: after.sees_patients, locked: after.locked });
      });
      if (after.locked === 1) await sessions.endAll(id, null);
      return accountOf(after);
    },
    async remove(actor, id) {
      const row = await existing(store, id);
      await refuseLast(store, row);
      await recordChange(world, { kind: 'user-removed', actor, user: whoOf(accountOf(row)) });
      await store.atomically(async (inside) => {
        await refuseLast(inside, row);
        await inside.deleteUser(id);
      });
      await sessions.endAll(id, null);
    },
    async reset(actor, id) {
      const row = await existing(store, id);
      const password = newFirstPassword(random);
      const hash = await passwords.hash(password);
      await recordChange(world, { kind: 'password-reset', actor, user: whoOf(accountOf(row)) });
      const change = { password: hash, must_change: 1, totp: null, totp_step: null, totp_pending: null };
      await store.updateUser(id, change);
      await sessions.endAll(id, null);
      world.log.info('a password was reset', { user: id, atMs: clock.nowMs() });
      return { account: accountOf({ ...row, ...change }), password };
    },
  };
}

/** A row for a new account; `password` is its hash. */
export function newUser(world: World, user: UserCreate & { password: string; mustChange: boolean }): UserRow {
  return {
    id: newId(world.random),
    name: user.name,
    name_key: nameKey(user.name),
    role: user.role,
    sees_patients: user.seesPatients ? 1 : 0,
    password: user.password,
    must_change: user.mustChange ? 1 : 0,
    totp: null,
    totp_step: null,
    totp_pending: null,
    locked: 0,
    created_ms: world.clock.nowMs(),
    last_sign_in_ms: null,
  };
}

/** @throws {AccountsError} `no_such_user` */
export async function existing(store: AccountsStore, id: string): Promise<UserRow> {
  const row = await store.user(id);
  if (row !== null) return row;
  throw new AccountsError('no_such_user', 'there is no such user', { advice: 'it may have been removed meanwhile' });
}

function changed(row: UserRow, { role, seesPatients, isLocked }: UserChange): UserRow {
  return {
    ...row,
    role: role ?? row.role,
    sees_patients: seesPatients === undefined ? row.sees_patients : Number(seesPatients),
    locked: isLocked === undefined ? row.locked : Number(isLocked),
  };
}

function canAdminister(row: UserRow): boolean {
  return row.role === 'administrator' && row.locked === 0;
}

async function refuseTaken(store: AccountsStore, name: string): Promise<void> {
  if ((await store.userByKey(nameKey(name))) !== null)
    throw new AccountsError('name_taken', 'there is a user of this name already', { advice: 'choose another name' });
  if ((await store.countUsers()) >= USERS_MAX)
    throw new AccountsError('too_many', `there are ${USERS_MAX} users, the most there may be`, {
      advice: 'remove accounts that nobody uses',
    });
}

/** Somebody must be able to administer; who cannot now is not missed. */
async function refuseLast(store: AccountsStore, row: UserRow): Promise<void> {
  if (!canAdminister(row) || (await store.countOtherAdministrators(row.id)) > 0) return;
  throw new AccountsError('last_administrator', 'this is the last administrator', {
    advice: 'give another account the role administrator first',
  });
}
