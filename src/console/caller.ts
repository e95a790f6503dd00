import type { Accounts, Actor, Right, SignedIn, TokenScope } from '#protect/accounts';
import { rightsOf } from '#protect/accounts';
import { type CookieNames, readCookie } from './cookies.ts';
import { ConsoleError } from './errors.ts';

/** Who asks: a person by a session, a program by a token. */
export interface Caller {
  actor: Actor;
  /** Null for a program. */
  signedIn: SignedIn | null;
  rights: ReadonlySet<Right>;
  /** Null for a person. */
  scopes: ReadonlySet<TokenScope> | null;
  seesPatients: boolean;
}

/** What a route asks of its caller. */
export type Access =
  /** Anybody. */
  | 'public'
  /** Any session, also one whose password must be changed first. */
  | 'session'
  /** A session with the right; a token with the scope, where it is one for programs. */
  | { right: Right; scope: TokenScope | null };

const BEARER = /^Bearer ([\w.-]{1,256})$/i;

/** The caller of a request, or null; a token comes before a cookie. */
export async function callerOf(request: Request, accounts: Accounts, names: CookieNames): Promise<Caller | null> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) return programOf(BEARER.exec(authorization)?.[1] ?? '', accounts);
  const cookie = readCookie(request, names.session);
  const signedIn = cookie === null ? null : await accounts.session(cookie);
  if (signedIn === null) return null;
  const { account } = signedIn;
  const rights = new Set(rightsOf(account));
  return {
    actor: { kind: 'user', id: account.id, name: account.name },
    signedIn,
    rights,
    scopes: null,
    seesPatients: rights.has('see-patients'),
  };
}

async function programOf(secret: string, accounts: Accounts): Promise<Caller | null> {
  const token = await accounts.tokens.find(secret);
  if (token === null) return null;
  return {
    actor: { kind: 'token', id: token.id, name: token.name },
    signedIn: null,
    rights: new Set(),
    scopes: new Set(token.scopes),
    seesPatients: false,
  };
}

/**
 * Lets a caller through or refuses.
 * @throws {ConsoleError} `unauthenticated`, `forbidden`
 */
export function admit(caller: Caller | null, access: Access): void {
  if (access === 'public') return;
  if (caller === null)
    throw new ConsoleError('unauthenticated', 'sign in first', { advice: 'the session may have ended: sign in again' });
  if (caller.scopes !== null) {
    if (access !== 'session' && access.scope !== null && caller.scopes.has(access.scope)) return;
    throw new ConsoleError('forbidden', 'this token may not do that', {
      advice:
        access === 'session' || access.scope === null
          ? 'only a person who is signed in can do this'
          : `it needs the scope ${access.scope}: make a token that has it`,
    });
  }
  if (access === 'session') return;
  if (caller.signedIn?.mustChangePassword === true)
    throw new ConsoleError('forbidden', 'the password must be changed first', {
      advice: 'choose a password of your own; the first one came from somebody else',
    });
  if (!caller.rights.has(access.right))
    throw new ConsoleError('forbidden', 'this account may not do that', {
      advice: `it needs the right "${access.right}": ask an administrator`,
    });
}
