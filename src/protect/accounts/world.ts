import type { Clock, Log, RandomFill, Sealer } from '#kernel';
import type { AccountEvent } from './events.ts';
import { accountEvent } from './events.ts';
import type { Passwords } from './password.ts';
import type { AccountsStore, UserRow } from './store.ts';
import type { Account } from './types.ts';

/** What the parts of this module share. */
export interface World {
  store: AccountsStore;
  passwords: Passwords;
  sealer: Sealer;
  /** Appends to the ledger. */
  record: (event: Readonly<Record<string, unknown>>) => Promise<number>;
  clock: Clock;
  random: RandomFill;
  log: Log;
}

/** Records what is about to change; when it cannot be recorded, it is not done. */
export async function recordChange(world: World, event: AccountEvent): Promise<void> {
  await world.record(accountEvent(event, world.clock.nowMs()));
}

/** Records a sign-in or sign-out. A full disk keeps nobody out who must mend it: it is logged, and goes on. */
export async function recordSession(world: World, event: AccountEvent): Promise<void> {
  try {
    await world.record(accountEvent(event, world.clock.nowMs()));
  } catch (error) {
    world.log.error('a sign-in could not be recorded in the ledger', error, { kind: event.kind });
  }
}

export function accountOf(row: UserRow): Account {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    seesPatients: row.sees_patients === 1,
    hasTotp: row.totp !== null,
    isLocked: row.locked === 1,
    lastSignInMs: row.last_sign_in_ms,
    createdMs: row.created_ms,
  };
}

/** Where a sealed second factor lies; it opens nowhere else. */
export function totpPlace(userId: string): string {
  return `accounts_users/totp/${userId}`;
}
