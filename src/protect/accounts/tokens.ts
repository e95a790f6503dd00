import { sameSecret } from '#kernel';
import { AccountsError } from './errors.ts';
import { SESSION_TOUCH_MS, TOKENS_MAX } from './limits.ts';
import { cleanName } from './names.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';
import { type TokenRow, scopesOf } from './store.ts';
import type { Actor, ApiToken, TokenScope } from './types.ts';
import { type World, recordChange } from './world.ts';

/** Begins every token, so that scanners for leaked secrets know one when they see it. */
const PREFIX = 'wk';

/** Tokens of programs. They never see patients. */
export interface Tokens {
  list(): Promise<ApiToken[]>;
  /** The secret is shown once. @throws {AccountsError} `bad_name`, `too_many` */
  create(
    actor: Actor,
    create: { name: string; scopes: readonly TokenScope[]; expiresMs: number | null },
  ): Promise<{ token: ApiToken; secret: string }>;
  /** @throws {AccountsError} `no_such_token` */
  remove(actor: Actor, id: string): Promise<void>;
  /** The token of a secret, or null when it is unknown or past its time. */
  find(secret: string): Promise<ApiToken | null>;
}

export function createTokens(world: World): Tokens {
  const { store, clock, random, log } = world;
  return {
    async list() {
      return (await store.tokens()).map(tokenOf);
    },
    async create(actor, create) {
      const name = cleanName(create.name);
      if ((await store.tokens()).length >= TOKENS_MAX)
        throw new AccountsError('too_many', `there are ${TOKENS_MAX} tokens, the most there may be`, {
          advice: 'remove tokens that are not used',
        });
      const secret = newSecret(random);
      const scopes = [...new Set(create.scopes)].toSorted().join(' ');
      const row: TokenRow = {
        id: newId(random),
        hash: hashSecret(secret),
        name,
        scopes,
        created_ms: clock.nowMs(),
        expires_ms: create.expiresMs,
        last_used_ms: null,
      };
      await recordChange(world, { kind: 'token-created', actor, token: { id: row.id, name, scopes } });
      await store.insertToken(row);
      return { token: tokenOf(row), secret: `${PREFIX}.${row.id}.${secret}` };
    },
    async remove(actor, id) {
      const row = await store.token(id);
      if (row === null) throw new AccountsError('no_such_token', 'there is no such token');
      await recordChange(world, { kind: 'token-removed', actor, token: { id, name: row.name, scopes: row.scopes } });
      await store.deleteToken(id);
    },
    async find(secret) {
      const [prefix, id = '', rest = ''] = secret.split('.');
      const row = prefix === PREFIX ? await store.token(id) : null;
      if (row === null || !sameSecret(row.hash, hashSecret(rest))) return null;
      const nowMs = clock.nowMs();
      if (row.expires_ms !== null && nowMs >= row.expires_ms) return null;
      if (nowMs - (row.last_used_ms ?? 0) >= SESSION_TOUCH_MS) {
        try {
          await store.touchToken(id, nowMs);
        } catch (error) {
          log.error('the last use of a token was not saved', error);
        }
      }
      return tokenOf(row);
    },
  };
}

function tokenOf(row: TokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scopes: scopesOf(row),
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    lastUsedMs: row.last_used_ms,
  };
}
