import { sameSecret } from '#kernel';
import { AccountsError } from './errors.ts';
import { HOST_ACTOR } from './types.ts';
import { SETUP_LINK_MS } from './limits.ts';
import { cleanName } from './names.ts';
import { refuseWeakPassword } from './password.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { AccountsStore } from './store.ts';
import type { Account } from './types.ts';
import { newUser } from './users.ts';
import { type World, accountOf, recordChange } from './world.ts';

/** The first administrator comes by a link that the server prints where only its operator sees it. */
export interface Setup {
  /** Whether there is a user already. */
  isDone(): Promise<boolean>;
  /** A link's secret, good for `SETUP_LINK_MS` and for one set-up; an earlier one ends. Null when set-up was done. */
  issue(): Promise<{ token: string; expiresMs: number } | null>;
  isGood(token: string): Promise<boolean>;
  /**
   * Makes the first administrator, who does not see patients until that right is given.
   * @throws {AccountsError} `link_over`, `bad_name`, `weak_password`, `busy`
   */
  finish(request: { token: string; name: string; password: string }): Promise<Account>;
}

export function createSetup(world: World): Setup {
  const { store, clock, random, passwords } = world;
  const isGood = async (inside: AccountsStore, token: string): Promise<boolean> => {
    const link = await inside.setupLink();
    const leftMs = (link?.expires_ms ?? 0) - clock.nowMs();
    // One that was made while the clock was ahead is good for no longer than any other.
    if (link === null || leftMs <= 0 || leftMs > 2 * SETUP_LINK_MS) return false;
    return sameSecret(link.hash, hashSecret(token)) && (await inside.countUsers()) === 0;
  };
  return {
    async isDone() {
      return (await store.countUsers()) > 0;
    },
    async issue() {
      if ((await store.countUsers()) > 0) return null;
      const token = newSecret(random);
      const expiresMs = clock.nowMs() + SETUP_LINK_MS;
      await store.setSetupLink({ hash: hashSecret(token), expires_ms: expiresMs });
      return { token, expiresMs };
    },
    isGood: (token) => isGood(store, token),
    async finish({ token, name, password }) {
      if (!(await isGood(store, token))) throw linkOver();
      const clean = cleanName(name);
      refuseWeakPassword(password, clean);
      const hash = await passwords.hash(password);
      const user = {
        name: clean,
        role: 'administrator',
        seesPatients: false,
        password: hash,
        mustChange: false,
      } as const;
      const row = newUser(world, user);
      const who = { id: row.id, name: row.name, role: row.role };
      await recordChange(world, { kind: 'user-created', actor: HOST_ACTOR, user: who, change: { role: row.role } });
      await store.atomically(async (inside) => {
        // Checked again: another browser may have been faster.
        if (!(await isGood(inside, token))) throw linkOver();
        await inside.setSetupLink(null);
        await inside.insertUser(row);
      });
      return accountOf(row);
    },
  };
}

function linkOver(): AccountsError {
  return new AccountsError('link_over', 'this set-up link is not good any more', {
    advice: 'restart Wardkeep: it prints a new link until the first account exists',
  });
}
