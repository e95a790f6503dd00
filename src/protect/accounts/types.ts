export type Role = 'administrator' | 'analyst' | 'privacy-officer' | 'read-only';

export type Right =
  | 'read'
  /** Work on incidents, suppress, tune rules, hunt. */
  | 'respond'
  /** See whom an event concerns. */
  | 'see-patients'
  /** Users, tokens, sources, settings. */
  | 'administer';

/** An account as others may see it. */
export interface Account {
  id: string;
  name: string;
  role: Role;
  seesPatients: boolean;
  hasTotp: boolean;
  isLocked: boolean;
  lastSignInMs: number | null;
  createdMs: number;
}

/** Who acts: a signed-in user, a program by its token, or the operator at the machine itself. */
export interface Actor {
  kind: 'user' | 'token' | 'host';
  id: string;
  name: string;
}

/** The operator of the machine, for what happens before anybody can sign in. */
export const HOST_ACTOR: Actor = { kind: 'host', id: 'host', name: 'operator of this machine' };

/** A good session. */
export interface SignedIn {
  /** Id of the session, no secret. */
  sessionId: string;
  account: Account;
  /** The password came from somebody else and must be changed first. */
  mustChangePassword: boolean;
}

export interface SignInRequest {
  name: string;
  password: string;
  /** Six digits, where the account has a second factor. */
  code?: string | undefined;
  /** Network address of the browser. */
  address: string;
  /** What an earlier sign-in from this browser gave out; null when nothing. */
  device: string | null;
}

export type SignInResult =
  | {
      outcome: 'signed-in';
      /** The session's secret, for the cookie; kept nowhere. */
      cookie: string;
      /** Marks this browser as one in which the user has signed in before. */
      device: string;
      signedIn: SignedIn;
    }
  | { outcome: 'needs-totp' }
  /** Unknown name, wrong password or code, locked account: the same answer for all. */
  | { outcome: 'refused' }
  /** Too many failures: ask again after this time. */
  | { outcome: 'wait'; waitMs: number };

export type TokenScope = 'read' | 'hunt' | 'respond' | 'administer';

export interface ApiToken {
  id: string;
  name: string;
  scopes: TokenScope[];
  createdMs: number;
  expiresMs: number | null;
  lastUsedMs: number | null;
}
