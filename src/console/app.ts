import { Hono } from 'hono';
import { uuidv7 } from '#kernel';
import { type Act, recordAct } from './acts.ts';
import { readBody, readJson } from './body.ts';
import { type Caller, admit, callerOf } from './caller.ts';
import { refuseForeign } from './csrf.ts';
import { ConsoleError } from './errors.ts';
import { secure } from './headers.ts';
import { ADDRESS_RATE, CALLER_RATE, JSON_BYTES_MAX } from './limits.ts';
import { problemOf } from './problem.ts';
import { check, queryOf } from './query.ts';
import { clientAddressOf } from './forwarded.ts';
import { type RateLimit, createRateLimit } from './rate.ts';
import { type Route, isBytes } from './route.ts';
import type { Services } from './services.ts';

export const API_PREFIX = '/api/v1';

/** What the adapter knows of a connection. */
export interface Connection {
  /** As @hono/node-server gives it. */
  incoming?: { socket?: { remoteAddress?: string | undefined } };
  /** For those who have no socket. */
  address?: string;
}

interface Limits {
  callers: RateLimit;
  addresses: RateLimit;
}

/** The API: one route after the other out of the table, each through the same checks. */
export function createApi(services: Services, routes: readonly Route[]): Hono<{ Bindings: Connection }> {
  const limits = {
    callers: createRateLimit(services.clock, CALLER_RATE),
    addresses: createRateLimit(services.clock, ADDRESS_RATE),
  };
  const client = clientAddressOf(services.trustedProxies ?? []);
  const app = new Hono<{ Bindings: Connection }>();
  for (const route of routes)
    app.on(route.method, API_PREFIX + route.path, (context) =>
      answer(services, context.req.raw, async (headers) => {
        const address = client(addressOf(context.env), context.req.header('x-forwarded-for') ?? null);
        const caller = await identify(services, limits, { request: context.req.raw, address });
        return serve({
          services,
          route,
          caller,
          address,
          params: context.req.param(),
          request: context.req.raw,
          headers,
        });
      }),
    );
  app.all(`${API_PREFIX}/*`, (context) =>
    answer(services, context.req.raw, async () => {
      throw new ConsoleError('not_found', 'there is no such address', { advice: 'GET /api/v1/openapi.json lists all' });
    }),
  );
  return app;
}

/** Runs `work`; whatever it throws becomes a problem, and every answer carries its id and the security headers. */
async function answer(
  services: Services,
  request: Request,
  work: (headers: Headers) => Promise<Response>,
): Promise<Response> {
  const requestId = uuidv7(services.clock, services.random);
  let response: Response;
  try {
    response = await work(new Headers());
  } catch (error) {
    const { status, body, retryAfterS } = problemOf(error, { id: requestId, log: services.log });
    response = Response.json(body, { status });
    if (retryAfterS !== null) response.headers.set('retry-after', String(retryAfterS));
    // A body that was refused unread is not worth waiting for.
    if (request.body !== null && !request.bodyUsed) await request.body.cancel().catch(() => undefined);
  }
  secure(response.headers, { isSecure: services.isSecure, requestId });
  return response;
}

async function identify(
  services: Services,
  limits: Limits,
  { request, address }: { request: Request; address: string },
): Promise<Caller | null> {
  const caller = await callerOf(request, services.accounts, services.cookies);
  const isLet =
    caller === null
      ? limits.addresses.take(address)
      : limits.callers.take(caller.signedIn?.sessionId ?? caller.actor.id);
  if (isLet) return caller;
  throw new ConsoleError('rate_limited', 'too many requests', { advice: 'wait a few seconds' });
}

interface Serving {
  services: Services;
  route: Route;
  caller: Caller | null;
  address: string;
  params: Record<string, string>;
  request: Request;
  headers: Headers;
}

/** One request through its route: may it, what does it ask, record it, do it, answer. */
async function serve({ services, route, caller, address, params, request, headers }: Serving): Promise<Response> {
  admit(caller, route.access);
  refuseForeign(request);
  const query = queryOf(new URL(request.url));
  const asked = {
    services,
    caller,
    address,
    params: route.params === undefined ? {} : check(route.params, params, 'the address'),
    query: route.query === undefined ? refuseQuery(query) : check(route.query, query, 'the query'),
    body: await bodyOf(route, request),
    request,
    headers,
  };
  const reply = await recorded(services, { route, caller, address, params }, () => route.run(asked));
  if (reply instanceof Response) return withHeaders(reply, headers);
  if (route.reply === null) return new Response(null, { status: 204, headers });
  return withHeaders(Response.json(reply, { status: route.status ?? 200 }), headers);
}

function refuseQuery(query: Record<string, string>): Record<string, never> {
  if (Object.keys(query).length === 0) return {};
  throw new ConsoleError('invalid', 'this address takes no query');
}

async function bodyOf(route: Route, request: Request): Promise<unknown> {
  if (route.body === undefined) return undefined;
  if (isBytes(route.body)) return readBody(request, route.body.bytes);
  return check(route.body, await readJson(request, route.bodyBytesMax ?? JSON_BYTES_MAX), 'the body');
}

/** Does what a route does; where it changes something, that is recorded first, and a failure after it. */
async function recorded<T>(
  services: Services,
  { route, caller, address, params }: Pick<Serving, 'route' | 'caller' | 'address' | 'params'>,
  work: () => Promise<T>,
): Promise<T> {
  if (route.records === undefined || caller === null) return work();
  const act = actOf(route.records, params);
  await recordAct(services, { caller, address }, act);
  try {
    return await work();
  } catch (error) {
    await recordAct(services, { caller, address }, { ...act, outcome: 'failure' }).catch((cause: unknown) =>
      services.log.error('a failed change could not be recorded', cause, { operation: act.operation }),
    );
    throw error;
  }
}

/** The act of a route that changes something, as it is asked for; how it went is said when it went wrong. */
function actOf(operation: string, params: Record<string, string>): Act {
  const [type = '', verb = ''] = operation.split('.');
  const isNew = verb === 'create' || verb === 'import';
  const uid = params['id'];
  return {
    operation,
    activity: isNew ? 'create' : verb === 'delete' ? 'delete' : 'update',
    ...(uid === undefined ? {} : { resource: { type, uid } }),
  };
}

function withHeaders(response: Response, headers: Headers): Response {
  for (const [name, value] of headers)
    if (name === 'set-cookie') response.headers.append(name, value);
    else response.headers.set(name, value);
  return response;
}

/** The caller's network address; empty where there is none. */
export function addressOf(connection: Connection | undefined): string {
  const address = connection?.address ?? connection?.incoming?.socket?.remoteAddress ?? '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
