import { createHmac } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type Clock, type Log, type RandomFill, createSealer, deriveKey } from '#kernel';
import { createAttempts } from './attempts.ts';
import { createDevices } from './device.ts';
import { whoOf } from './events.ts';
import { ATTEMPTS_KEPT_MS, ATTEMPT_COUNTERS_MAX } from './limits.ts';
import { type OwnAccount, createOwnAccount } from './own-account.ts';
import { type HashCost, OWASP_COST, createPasswords } from './password.ts';
import { createSessions } from './sessions.ts';
import { type Setup, createSetup } from './setup.ts';
import { signIn } from './sign-in.ts';
import { AccountsStore, type AccountsTables } from './store.ts';
import { type Tokens, createTokens } from './tokens.ts';
import type { SignInRequest, SignInResult, SignedIn } from './types.ts';
import { type Users, createUsers } from './users.ts';
import { type World, recordSession } from './world.ts';

export interface AccountsOptions {
  /** Opened with `ACCOUNTS_MIGRATIONS`. */
  state: Kysely<AccountsTables>;
  /** 32 bytes that do not lie in the database: they seal second factors. */
  key: Uint8Array;
  /** Appends an event to the ledger; gives its index. */
  record: (event: Readonly<Record<string, unknown>>) => Promise<number>;
  clock: Clock;
  random: RandomFill;
  log: Log;
  /** Cost of a password's hash; tests take less. */
  cost?: HashCost;
}

/** Who may come in. Each sign-in, refusal and change is an event of the ledger. */
export interface Accounts {
  setup: Setup;
  /** @throws {AccountsError} `busy` */
  signIn(request: SignInRequest): Promise<SignInResult>;
  /** The session of a cookie, or null. */
  session(cookie: string): Promise<SignedIn | null>;
  signOut(signedIn: SignedIn, address: string): Promise<void>;
  own: OwnAccount;
  users: Users;
  tokens: Tokens;
  /** Forgets sessions whose time is over; the server calls it now and then. */
  sweep(): Promise<void>;
}

export function openAccounts(options: AccountsOptions): Accounts {
  const { key, clock, random, log, record, cost = OWASP_COST } = options;
  const world: World = {
    store: new AccountsStore(options.state),
    passwords: createPasswords(random, cost),
    sealer: createSealer({ key, purpose: 'accounts/totp', random }),
    record,
    clock,
    random,
    log,
  };
  const sessions = createSessions(world);
  const attemptsKey = deriveKey(key, 'accounts/attempts');
  const attempts = createAttempts(clock, {
    digest: (text) => createHmac('sha256', attemptsKey).update(text).digest('base64url'),
    load: () => world.store.attempts(ATTEMPT_COUNTERS_MAX),
    save: (rows) => world.store.atomically((store) => store.saveAttempts(rows)),
  });
  const devices = createDevices(deriveKey(key, 'accounts/device'), random);
  return {
    setup: createSetup(world),
    signIn: (request) => signIn({ world, attempts, devices, sessions }, request),
    session: (cookie) => sessions.find(cookie),
    async signOut({ sessionId, account }, address) {
      await sessions.end(sessionId);
      await recordSession(world, { kind: 'sign-out', user: whoOf(account), address });
    },
    own: createOwnAccount(world, sessions),
    users: createUsers(world, sessions),
    tokens: createTokens(world),
    async sweep() {
      await sessions.sweep();
      const nowMs = clock.nowMs();
      await world.store.deleteAttemptsOutside({ fromMs: nowMs - ATTEMPTS_KEPT_MS, toMs: nowMs + ATTEMPTS_KEPT_MS });
    },
  };
}
