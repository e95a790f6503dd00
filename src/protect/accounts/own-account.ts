import { AccountsError } from './errors.ts';
import { whoOf } from './events.ts';
import { refuseWeakPassword } from './password.ts';
import type { Sessions } from './sessions.ts';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';
import type { Actor, SignedIn } from './types.ts';
import { existing } from './users.ts';
import { type World, accountOf, recordChange, totpPlace } from './world.ts';

/** What people do with their own account. */
export interface OwnAccount {
  /**
   * Ends the user's other sessions.
   * @throws {AccountsError} `wrong_secret`, `weak_password`, `busy`
   */
  changePassword(signedIn: SignedIn, passwords: { current: string; next: string }): Promise<void>;
  /** A second factor that becomes good when it is confirmed; until then the one before it stays. */
  enrolTotp(signedIn: SignedIn): Promise<{ uri: string; secret: string }>;
  /** @throws {AccountsError} `wrong_secret` when the code is not right or nothing was begun */
  confirmTotp(signedIn: SignedIn, code: string): Promise<void>;
}

export function createOwnAccount(world: World, sessions: Sessions): OwnAccount {
  const { store, passwords, sealer, clock } = world;
  return {
    async changePassword({ account, sessionId }, { current, next }) {
      const row = await existing(store, account.id);
      if (!(await passwords.verify(row.password, current))) throw wrong('the current password is not right');
      refuseWeakPassword(next, row.name);
      if (next === current)
        throw new AccountsError('weak_password', 'this is the password you have', { advice: 'choose another one' });
      const hash = await passwords.hash(next);
      await recordChange(world, { kind: 'password-changed', actor: actorOf(account), user: whoOf(account) });
      await store.updateUser(row.id, { password: hash, must_change: 0 });
      await sessions.endAll(row.id, sessionId);
    },
    async enrolTotp({ account }) {
      const secret = newTotpSecret(world.random);
      await store.updateUser(account.id, { totp_pending: sealer.seal(secret, totpPlace(account.id)) });
      return { uri: totpUri(secret, account.name), secret };
    },
    async confirmTotp({ account }, code) {
      const row = await existing(store, account.id);
      const secret = row.totp_pending === null ? null : sealer.open(row.totp_pending, totpPlace(row.id));
      const step = secret === null ? null : totpStep(code, { secret, nowMs: clock.nowMs(), lastStep: null });
      if (step === null) throw wrong('the code is not right');
      await recordChange(world, { kind: 'totp-enrolled', actor: actorOf(account), user: whoOf(accountOf(row)) });
      await store.updateUser(row.id, { totp: row.totp_pending, totp_step: step, totp_pending: null });
    },
  };
}

function actorOf({ id, name }: { id: string; name: string }): Actor {
  return { kind: 'user', id, name };
}

function wrong(message: string): AccountsError {
  return new AccountsError('wrong_secret', message, { advice: 'try again; an administrator can reset an account' });
}
