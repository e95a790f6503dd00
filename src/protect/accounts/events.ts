import type { Account, Actor, Role } from './types.ts';

/** What happens to accounts and sessions, told as OCSF events. */
export type AccountEvent =
  | {
      kind: 'sign-in';
      user: Who;
      address: string;
      outcome: 'success' | 'failure';
      reason: SignInReason | null;
      mfa: boolean;
    }
  | { kind: 'sign-out'; user: Who; address: string }
  | { kind: AccountChangeKind; actor: Actor; user: Who; change?: Readonly<Record<string, string | boolean>> }
  | { kind: 'token-created' | 'token-removed'; actor: Actor; token: { id: string; name: string; scopes: string } };

/** An account, or the name that somebody typed. */
export interface Who {
  id: string | null;
  name: string;
  role?: Role;
}

export type SignInReason = 'unknown name' | 'wrong password' | 'wrong code' | 'account locked' | 'too many failures';

/** OCSF Account Change (3001) activities. */
const ACCOUNT_ACTIVITY = {
  'user-created': 1,
  'user-unlocked': 2,
  'password-changed': 3,
  'password-reset': 4,
  'user-locked': 5,
  'user-removed': 6,
  'user-changed': 99,
  'totp-enrolled': 10,
  'totp-removed': 11,
} as const;
type AccountChangeKind = keyof typeof ACCOUNT_ACTIVITY;

const AUTHENTICATION = 3002;
const ACCOUNT_CHANGE = 3001;
const ENTITY_MANAGEMENT = 3004;
const INFORMATIONAL = 1;
const LOW = 2;

/** The event; `nowMs` is its time. Passwords, codes and secrets stand in none. */
export function accountEvent(event: AccountEvent, nowMs: number): Record<string, unknown> {
  switch (event.kind) {
    case 'sign-in':
    case 'sign-out':
      return authentication(event, nowMs);
    case 'token-created':
    case 'token-removed':
      return tokenChange(event, nowMs);
    default:
      return accountChange(event, nowMs);
  }
}

function authentication(event: Extract<AccountEvent, { address: string }>, nowMs: number): Record<string, unknown> {
  const isSignIn = event.kind === 'sign-in';
  const failed = isSignIn && event.outcome === 'failure';
  return {
    ...head(AUTHENTICATION, isSignIn ? 1 : 2, failed ? LOW : INFORMATIONAL, nowMs),
    message: `${isSignIn ? 'sign-in' : 'sign-out'} at the Wardkeep console${failed ? ' refused' : ''}`,
    status_id: failed ? 2 : 1,
    ...(isSignIn && event.reason !== null ? { status_detail: event.reason } : {}),
    ...(isSignIn ? { is_mfa: event.mfa } : {}),
    is_remote: true,
    auth_protocol_id: 99,
    auth_protocol: 'password',
    user: userOf(event.user),
    service: { name: 'Wardkeep console' },
    ...(event.address === '' ? {} : { src_endpoint: { ip: event.address } }),
  };
}

function accountChange(
  event: Extract<AccountEvent, { kind: AccountChangeKind }>,
  nowMs: number,
): Record<string, unknown> {
  const activity = ACCOUNT_ACTIVITY[event.kind];
  const words = event.kind.replaceAll('-', ' ');
  return {
    ...head(ACCOUNT_CHANGE, activity, INFORMATIONAL, nowMs),
    ...(activity === 99 ? { activity_name: words } : {}),
    message: `account: ${words}`,
    status_id: 1,
    actor: { user: actorUser(event.actor) },
    user: userOf(event.user),
    ...(event.change === undefined ? {} : { unmapped: { change: { ...event.change } } }),
  };
}

function tokenChange(event: Extract<AccountEvent, { token: object }>, nowMs: number): Record<string, unknown> {
  const { id, name, scopes } = event.token;
  const isNew = event.kind === 'token-created';
  return {
    ...head(ENTITY_MANAGEMENT, isNew ? 1 : 4, INFORMATIONAL, nowMs),
    message: `API token ${isNew ? 'created' : 'removed'}`,
    status_id: 1,
    actor: { user: actorUser(event.actor) },
    entity: { uid: id, name, type_id: 99, type: 'API token', data: { scopes } },
  };
}

function head(classUid: number, activity: number, severity: number, nowMs: number): Record<string, unknown> {
  return {
    class_uid: classUid,
    category_uid: 3,
    activity_id: activity,
    type_uid: classUid * 100 + activity,
    severity_id: severity,
    time: nowMs,
    metadata: {
      version: '1.8.0',
      product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
      log_name: 'wardkeep-accounts',
      logged_time: nowMs,
    },
  };
}

function userOf({ id, name, role }: Who): Record<string, unknown> {
  return {
    name,
    ...(id === null ? {} : { uid: id }),
    ...(role === undefined ? {} : { type_id: role === 'administrator' ? 2 : 1 }),
  };
}

function actorUser({ kind, id, name }: Actor): Record<string, unknown> {
  return { name, uid: id, type_id: kind === 'user' ? 1 : 3 };
}

export function whoOf(account: Pick<Account, 'id' | 'name' | 'role'>): Who {
  return { id: account.id, name: account.name, role: account.role };
}
