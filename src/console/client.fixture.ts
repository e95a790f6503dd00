import type { Role } from '#protect/accounts';
import { PASSWORD, type World } from './console.fixture.ts';
import type { Route } from './route.ts';

export const ORIGIN = 'http://wardkeep.test';

/** A browser, or a program with a token. */
export interface Client {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Keeps cookies as a browser does, and sends the header of the console with writes. */
export function newClient(world: World, options: { token?: string; address?: string } = {}): Client {
  const cookies = new Map<string, string>();
  return {
    async call(method, path, body, headers = {}) {
      const isWrite = WRITES.has(method);
      const request = new Request(`${ORIGIN}/api/v1${path}`, {
        method,
        headers: {
          host: 'wardkeep.test',
          ...(cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          ...(isWrite ? { 'x-wardkeep': '1' } : {}),
          ...(isWrite && body !== undefined ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : {
              body:
                body instanceof Uint8Array
                  ? Uint8Array.from(body)
                  : typeof body === 'string'
                    ? body
                    : JSON.stringify(body),
            }),
      });
      const response = await world.console.fetch(request, { address: options.address ?? '10.0.0.9' });
      for (const cookie of response.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';');
        const at = pair.indexOf('=');
        if (/Max-Age=0/.test(cookie)) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return response;
    },
  };
}

/** The first administrator, made by the set-up link as in a browser. */
export async function setUp(world: World): Promise<Client> {
  const client = newClient(world);
  const link = await world.accounts.setup.issue();
  const body = {
    token: link?.token ?? '',
    hospital: 'Riverside',
    zone: 'America/Chicago',
    user: 'ada',
    password: PASSWORD,
  };
  const response = await client.call('POST', '/setup', body);
  if (response.status !== 200) throw new Error(`set-up failed: ${await response.text()}`);
  return client;
}

/** A signed-in user of a role, whose first password was changed. */
export async function signInAs(
  world: World,
  role: Role,
  options: { seesPatients?: boolean; name?: string } = {},
): Promise<Client> {
  const { seesPatients = false, name = `${role}${seesPatients ? '-sees' : ''}` } = options;
  const { password } = await world.accounts.users.create(
    { kind: 'host', id: 'host', name: 'test' },
    { name, role, seesPatients },
  );
  const client = newClient(world);
  const steps = [
    await client.call('POST', '/session', { user: name, password }),
    await client.call('POST', '/session/password', { current: password, next: PASSWORD }),
  ];
  for (const response of steps) if (!response.ok) throw new Error(`sign-in failed: ${await response.text()}`);
  return client;
}

/** An address of a route with its parameters filled in. */
export function fill(route: Route, params: Record<string, string> = {}): string {
  return route.path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_all, name: string) => params[name] ?? 'none');
}
