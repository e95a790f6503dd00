import { z } from 'zod';
import { IdParams } from '../query.ts';
import { type Route, callerIn, route } from '../route.ts';
import {
  ApiTokenSchema,
  TokenCreateSchema,
  TokenSecretSchema,
  UserChangeSchema,
  UserCreateSchema,
  UserSchema,
  UserSecretSchema,
} from '../schemas/people.ts';

/** A program must not make people or programs: so neither is for tokens. */
const ADMINISTRATOR = { right: 'administer', scope: null } as const;

export const USER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/users',
    summary: 'All users.',
    access: ADMINISTRATOR,
    reply: z.array(UserSchema),
    run: ({ services }) => services.accounts.users.list(),
  }),
  route({
    method: 'POST',
    path: '/users',
    summary: 'A new user with a first password, which is shown once and must be changed.',
    access: ADMINISTRATOR,
    body: UserCreateSchema,
    reply: UserSecretSchema,
    status: 201,
    async run(asked) {
      const { account, password } = await asked.services.accounts.users.create(callerIn(asked).actor, asked.body);
      return { user: account, password };
    },
  }),
  route({
    method: 'PATCH',
    path: '/users/:id',
    summary: 'Changes role, right to see patients, or lock; a locked user is out at once.',
    access: ADMINISTRATOR,
    params: IdParams,
    body: UserChangeSchema,
    reply: UserSchema,
    run: (asked) => asked.services.accounts.users.change(callerIn(asked).actor, asked.params.id, asked.body),
  }),
  route({
    method: 'DELETE',
    path: '/users/:id',
    summary: 'Removes a user.',
    access: ADMINISTRATOR,
    params: IdParams,
    reply: null,
    async run(asked) {
      await asked.services.accounts.users.remove(callerIn(asked).actor, asked.params.id);
      return null;
    },
  }),
  route({
    method: 'POST',
    path: '/users/:id/reset',
    summary: 'A new first password for somebody who lost password or second factor; all their sessions end.',
    access: ADMINISTRATOR,
    params: IdParams,
    reply: UserSecretSchema,
    async run(asked) {
      const { account, password } = await asked.services.accounts.users.reset(callerIn(asked).actor, asked.params.id);
      return { user: account, password };
    },
  }),
  route({
    method: 'GET',
    path: '/tokens',
    summary: 'Tokens of programs, without their secrets.',
    access: ADMINISTRATOR,
    reply: z.array(ApiTokenSchema),
    run: ({ services }) => services.accounts.tokens.list(),
  }),
  route({
    method: 'POST',
    path: '/tokens',
    summary: 'A new token; its secret is shown once. Tokens never see patients.',
    access: ADMINISTRATOR,
    body: TokenCreateSchema,
    reply: TokenSecretSchema,
    status: 201,
    run: (asked) => asked.services.accounts.tokens.create(callerIn(asked).actor, asked.body),
  }),
  route({
    method: 'DELETE',
    path: '/tokens/:id',
    summary: 'Ends a token.',
    access: ADMINISTRATOR,
    params: IdParams,
    reply: null,
    async run(asked) {
      await asked.services.accounts.tokens.remove(callerIn(asked).actor, asked.params.id);
      return null;
    },
  }),
];
