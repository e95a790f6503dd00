import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { validateEvent } from '#ingest';
import type { ApiProblem, Session, TotpEnrolment, UserSecret } from './api.ts';
import { newClient, setUp, signInAs } from './client.fixture.ts';
import { PASSWORD, openWorld } from './console.fixture.ts';

async function problem(response: Response): Promise<ApiProblem & { status: number }> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  return { ...((await response.json()) as ApiProblem), status: response.status };
}

test('the set-up link makes the first administrator and signs them in', async (t) => {
  const world = await openWorld(t);
  const client = newClient(world);
  assert.deepEqual(await (await client.call('GET', '/setup?token=x')).json(), { valid: false });
  const admin = await setUp(world);
  const session = (await (await admin.call('GET', '/session')).json()) as Session;
  assert.deepEqual(session.rights, ['read', 'respond', 'administer']);
  assert.equal(session.hospital, 'Riverside');
  assert.equal(session.zone, 'America/Chicago');
  const again = { token: 'x', hospital: 'H', zone: 'UTC', user: 'eve', password: PASSWORD };
  assert.equal((await problem(await client.call('POST', '/setup', again))).code, 'invalid');
  assert.equal(
    (await problem(await client.call('POST', '/setup', { ...again, zone: 'Mars/Base' }))).message,
    'the body: zone: not an IANA time zone',
  );
});

test('a session is a cookie that no script reads, and signing out ends it', async (t) => {
  const world = await openWorld(t, { isSecure: true });
  await setUp(world);
  const client = newClient(world);
  const response = await client.call('POST', '/session', { user: 'ada', password: PASSWORD });
  const [session = '', device = ''] = response.headers.getSetCookie();
  assert.match(session, /^__Host-wardkeep=[\w-]{16}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  assert.match(
    device,
    /^wardkeep-device=[\w.-]+; Path=\/api\/v1\/session; HttpOnly; SameSite=Strict; Max-Age=15552000; Secure$/,
  );
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.match(response.headers.get('strict-transport-security') ?? '', /^max-age=/);
  assert.equal((await client.call('DELETE', '/session')).status, 204);
  assert.equal((await problem(await client.call('GET', '/session'))).code, 'unauthenticated');
});

test('a wrong sign-in is refused with words, too many must wait', async (t) => {
  const world = await openWorld(t);
  await setUp(world);
  const client = newClient(world);
  const wrong = { user: 'ada', password: 'not this one at all' };
  const first = await problem(await client.call('POST', '/session', wrong));
  assert.equal(first.status, 401);
  assert.equal(first.message, 'name, password or code is not right');
  for (let n = 0; n < 4; n += 1) await client.call('POST', '/session', wrong);
  const response = await client.call('POST', '/session', wrong);
  assert.equal(response.headers.get('retry-after'), '5');
  assert.equal((await problem(response)).code, 'rate_limited');
});

test('the second factor is asked for as the second step', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const { secret } = (await (await admin.call('POST', '/session/totp')).json()) as TotpEnrolment;
  const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: world.clock.nowMs() });
  assert.equal((await admin.call('POST', '/session/totp/confirm', { code: code() })).status, 204);
  const client = newClient(world);
  const signIn = { user: 'ada', password: PASSWORD };
  assert.deepEqual(await (await client.call('POST', '/session', signIn)).json(), { needs: 'totp' });
  world.clock.advance(30_000);
  const session = (await (await client.call('POST', '/session', { ...signIn, code: code() })).json()) as Session;
  assert.equal(session.hasTotp, true);
});

test('a first password opens nothing but its own change', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const made = await admin.call('POST', '/users', { name: 'bob', role: 'administrator', seesPatients: true });
  assert.equal(made.status, 201);
  const { password } = (await made.json()) as UserSecret;
  const bob = newClient(world);
  const session = (await (await bob.call('POST', '/session', { user: 'bob', password })).json()) as Session;
  assert.equal(session.mustChangePassword, true);
  assert.equal((await problem(await bob.call('GET', '/overview'))).code, 'forbidden');
  assert.equal((await problem(await bob.call('GET', '/users'))).code, 'forbidden');
  assert.equal((await bob.call('POST', '/session/password', { current: password, next: PASSWORD })).status, 204);
  assert.equal((await bob.call('GET', '/overview')).status, 200);
});

test('a write that another site makes a browser send is refused', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const body = { name: 'bob', role: 'analyst', seesPatients: false };
  const foreign: Record<string, string>[] = [
    { 'x-wardkeep': '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.test' },
    { origin: 'null' },
  ];
  for (const headers of foreign)
    assert.equal((await admin.call('POST', '/users', body, headers)).status, 403, JSON.stringify(headers));
  const form = { 'content-type': 'text/plain' };
  assert.equal(
    (await problem(await admin.call('POST', '/users', JSON.stringify(body), form))).message,
    'the body must be JSON',
  );
  assert.equal(
    (await admin.call('POST', '/users', body, { origin: 'http://wardkeep.test', 'sec-fetch-site': 'same-origin' }))
      .status,
    201,
  );
});

test('a locked user is out with the next request', async (t) => {
  const world = await openWorld(t);
  await setUp(world);
  const bob = await signInAs(world, 'analyst', { name: 'bob' });
  assert.equal((await bob.call('GET', '/overview')).status, 200);
  const [, user] = await world.accounts.users.list();
  await world.accounts.users.change({ kind: 'host', id: 'host', name: 'test' }, user?.id ?? '', { isLocked: true });
  assert.equal((await bob.call('GET', '/overview')).status, 401);
});

test('all that the console records is valid OCSF', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const bob = await signInAs(world, 'analyst', { name: 'bob', seesPatients: true });
  await newClient(world).call('POST', '/session', { user: 'nobody', password: 'x' });
  await bob.call('GET', '/events?patient=P1');
  await bob.call('POST', '/hunt', { sql: 'SELECT 1' });
  await admin.call('POST', '/sources', { name: 'Firewall', kind: 'syslog' });
  await admin.call('PATCH', '/settings', { hospital: 'New name' });
  const [, user] = await world.accounts.users.list();
  for (const change of [{ isLocked: true }, { isLocked: false }, { role: 'read-only' }])
    await admin.call('PATCH', `/users/${user?.id}`, change);
  await admin.call('POST', `/users/${user?.id}/reset`);
  await admin.call('DELETE', `/users/${user?.id}`);
  const token = (await (
    await admin.call('POST', '/tokens', { name: 'siem', scopes: ['read'], expiresMs: null })
  ).json()) as { token: { id: string } };
  await admin.call('DELETE', `/tokens/${token.token.id}`);
  await admin.call('DELETE', '/session');
  const classes = new Set(world.recorded.map((event) => event['class_uid']));
  assert.deepEqual(classes, new Set([3001, 3002, 3004, 6003]));
  for (const event of world.recorded) assert.deepEqual(validateEvent(event), [], JSON.stringify(event));
});
