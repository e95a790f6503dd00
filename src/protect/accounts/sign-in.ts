import type { Attempt, Attempts } from './attempts.ts';
import type { Devices } from './device.ts';
import type { SignInReason } from './events.ts';
import { NAME_CHARS_MAX, PASSWORD_CHARS_MAX } from './limits.ts';
import { nameKey } from './names.ts';
import type { Sessions } from './sessions.ts';
import type { UserRow } from './store.ts';
import { totpStep } from './totp.ts';
import type { SignInRequest, SignInResult } from './types.ts';
import { type World, accountOf, recordSession, totpPlace } from './world.ts';

export interface SignInParts {
  world: World;
  attempts: Attempts;
  devices: Devices;
  sessions: Sessions;
}

/**
 * Name and password, then the second factor where there is one. Whatever is wrong, the answer and the time it takes are
 * the same.
 * @throws {AccountsError} `busy`
 */
export async function signIn(parts: SignInParts, request: SignInRequest): Promise<SignInResult> {
  const { world, attempts, devices } = parts;
  if (request.name.length > NAME_CHARS_MAX || request.password.length > PASSWORD_CHARS_MAX)
    return { outcome: 'refused' };
  await attempts.loaded();
  const key = nameKey(request.name);
  const user = await world.store.userByKey(key);
  const attempt = { name: key, address: request.address, device: devices.nonceOf(request.device, user?.id ?? null) };
  const waitMs = attempts.begin(attempt);
  if (waitMs > 0) return { outcome: 'wait', waitMs };
  // Before the try is made, so that a restart gains nothing.
  await kept(parts);
  try {
    return await tried(parts, { request, user, attempt });
  } finally {
    await kept(parts);
  }
}

/** What was counted outlives a restart; a full disk keeps nobody out. */
async function kept({ attempts, world }: SignInParts): Promise<void> {
  try {
    await attempts.save();
  } catch (error) {
    world.log.error('failed sign-ins were counted in memory alone', error);
  }
}

async function tried(
  parts: SignInParts,
  { request, user, attempt }: { request: SignInRequest; user: UserRow | null; attempt: Attempt },
): Promise<SignInResult> {
  const { world, attempts, devices, sessions } = parts;

  const isRight = await world.passwords.verify(user?.password ?? null, request.password);
  if (user === null || !isRight)
    return refuse(parts, { request, user, reason: user === null ? 'unknown name' : 'wrong password' });
  if (user.locked === 1) return refuse(parts, { request, user, reason: 'account locked' });
  if (user.totp !== null) {
    if (request.code === undefined) {
      // The password was right: this try was no guess. It forgives no wrong code either.
      attempts.undo(attempt);
      return { outcome: 'needs-totp' };
    }
    if (!(await takeCode(world, user, request.code))) return refuse(parts, { request, user, reason: 'wrong code' });
  }

  attempts.succeed(attempt);
  const mfa = user.totp !== null;
  await recordSession(world, {
    kind: 'sign-in',
    user: accountOf(user),
    address: request.address,
    outcome: 'success',
    reason: null,
    mfa,
  });
  const { cookie, signedIn } = await sessions.open(user);
  await noteSignIn(world, user);
  return { outcome: 'signed-in', cookie, device: devices.issue(user.id), signedIn };
}

/** Whether this is the code of the account's second factor, and was not used before. */
export async function takeCode(world: World, user: UserRow, code: string): Promise<boolean> {
  if (user.totp === null) return false;
  const secret = world.sealer.open(user.totp, totpPlace(user.id));
  if (secret === null) {
    world.log.warn('a second factor cannot be opened: it was sealed under another key', { user: user.id });
    return false;
  }
  const step = totpStep(code, { secret, nowMs: world.clock.nowMs(), lastStep: user.totp_step });
  return step !== null && world.store.takeTotpStep(user.id, step);
}

async function refuse(
  { world }: SignInParts,
  { request, user, reason }: { request: SignInRequest; user: UserRow | null; reason: SignInReason },
): Promise<SignInResult> {
  // What was typed as a name may be a password: of a name that is none, only that is told.
  const who = user === null ? { id: null, name: 'unknown' } : accountOf(user);
  await recordSession(world, {
    kind: 'sign-in',
    user: who,
    address: request.address,
    outcome: 'failure',
    reason,
    mfa: false,
  });
  return { outcome: 'refused' };
}

async function noteSignIn(world: World, user: UserRow): Promise<void> {
  try {
    await world.store.updateUser(user.id, { last_sign_in_ms: world.clock.nowMs() });
  } catch (error) {
    world.log.error('the time of a sign-in was not saved', error);
  }
}
