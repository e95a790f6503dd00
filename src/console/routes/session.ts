import { z } from 'zod';
import { AccountsError, type SignedIn, rightsOf } from '#protect/accounts';
import type { Session } from '../api.ts';
import { deviceCookie, endedCookie, readCookie, sessionCookie } from '../cookies.ts';
import { ConsoleError } from '../errors.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';
import {
  PasswordChangeSchema,
  SecondFactorNeededSchema,
  SessionSchema,
  SetupRequestSchema,
  SetupStateSchema,
  SignInRequestSchema,
  TotpConfirmSchema,
  TotpEnrolmentSchema,
} from '../schemas/people.ts';
import type { Services } from '../services.ts';

export const SESSION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/setup',
    summary: 'Whether a set-up link is good.',
    access: 'public',
    query: z.strictObject({ token: z.string().max(128) }),
    reply: SetupStateSchema,
    run: async ({ services, query }) => ({ valid: await services.accounts.setup.isGood(query.token) }),
  }),
  route({
    method: 'POST',
    path: '/setup',
    summary: 'Makes the first administrator, by the link that the server printed, and signs them in.',
    access: 'public',
    body: SetupRequestSchema,
    reply: SessionSchema,
    async run(asked) {
      const { services, body } = asked;
      const { token, hospital, zone, user, password } = body;
      await services.accounts.setup.finish({ token, name: user, password });
      await services.settings.change({ hospital, zone });
      const session = await signIn(asked, { user, password });
      if ('needs' in session) throw new Error('invariant broken: a new account has no second factor');
      return session;
    },
  }),
  route({
    method: 'GET',
    path: '/session',
    summary: 'Who is signed in, and what they may do.',
    access: 'session',
    reply: SessionSchema,
    run: async (asked) => sessionOf(asked.services, signedInOf(asked)),
  }),
  route({
    method: 'POST',
    path: '/session',
    summary: 'Signs in. With a second factor set up, the first answer asks for its code.',
    access: 'public',
    body: SignInRequestSchema,
    reply: z.union([SessionSchema, SecondFactorNeededSchema]),
    run: (asked) => signIn(asked, asked.body),
  }),
  route({
    method: 'DELETE',
    path: '/session',
    summary: 'Signs out.',
    access: 'session',
    reply: null,
    async run(asked) {
      const { services, address, headers } = asked;
      await services.accounts.signOut(signedInOf(asked), address);
      headers.append('set-cookie', endedCookie({ name: services.cookies.session, isSecure: services.isSecure }));
      return null;
    },
  }),
  route({
    method: 'POST',
    path: '/session/password',
    summary: 'Changes the own password; all other sessions of the account end.',
    access: 'session',
    body: PasswordChangeSchema,
    reply: null,
    async run(asked) {
      await asked.services.accounts.own.changePassword(signedInOf(asked), asked.body);
      return null;
    },
  }),
  route({
    method: 'POST',
    path: '/session/totp',
    summary: 'Begins a second factor; it counts when it is confirmed.',
    access: { right: 'read', scope: null },
    reply: TotpEnrolmentSchema,
    run: (asked) => asked.services.accounts.own.enrolTotp(signedInOf(asked)),
  }),
  route({
    method: 'POST',
    path: '/session/totp/confirm',
    summary: 'Confirms the second factor by its first code.',
    access: { right: 'read', scope: null },
    body: TotpConfirmSchema,
    reply: null,
    async run(asked) {
      await asked.services.accounts.own.confirmTotp(signedInOf(asked), asked.body.code);
      return null;
    },
  }),
];

async function signIn(
  { services, request, address, headers }: Asked<unknown, unknown, unknown>,
  { user, password, code }: { user: string; password: string; code?: string },
): Promise<Session | { needs: 'totp' }> {
  const { cookies, isSecure } = services;
  const device = readCookie(request, cookies.device);
  const result = await services.accounts.signIn({ name: user, password, code, address, device });
  switch (result.outcome) {
    case 'signed-in':
      headers.append('set-cookie', sessionCookie(result.cookie, { name: cookies.session, isSecure }));
      headers.append('set-cookie', deviceCookie(result.device, { name: cookies.device, isSecure }));
      return sessionOf(services, result.signedIn);
    case 'needs-totp':
      return { needs: 'totp' };
    case 'wait':
      throw waitError(result.waitMs);
    case 'refused':
      throw new ConsoleError('unauthenticated', 'name, password or code is not right', {
        advice: 'try again; an administrator can reset the account',
      });
  }
}

function waitError(waitMs: number): ConsoleError {
  const seconds = Math.ceil(waitMs / 1_000);
  return new ConsoleError('rate_limited', `too many failed sign-ins: wait ${seconds} s`, {
    advice: 'sign in from a browser in which you signed in before, or ask an administrator',
  });
}

function sessionOf({ settings, version }: Services, { account, mustChangePassword }: SignedIn): Session {
  const { hospital, zone } = settings.values();
  const { id, name, role, hasTotp } = account;
  return { user: { id, name, role }, rights: rightsOf(account), hospital, zone, hasTotp, mustChangePassword, version };
}

function signedInOf(asked: Pick<Asked<unknown, unknown, unknown>, 'caller'>): SignedIn {
  const { signedIn } = callerIn(asked);
  if (signedIn === null) throw new AccountsError('no_such_user', 'a program has no account');
  return signedIn;
}
