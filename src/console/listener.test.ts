import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setUp } from './client.fixture.ts';
import { PASSWORD, openWorld } from './console.fixture.ts';
import { JSON_BYTES_MAX } from './limits.ts';

test('over a real connection the caller’s address is known, streams flow, and bodies have their limits', async (t) => {
  const world = await openWorld(t);
  await setUp(world);
  const server = createServer(world.console.listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const headers = { 'content-type': 'application/json', 'x-wardkeep': '1' };
  const body = JSON.stringify({ user: 'ada', password: PASSWORD });
  const signedIn = await fetch(`${base}/session`, { method: 'POST', headers, body });
  assert.equal(signedIn.status, 200);
  assert.deepEqual(world.recorded.at(-1)?.['src_endpoint'], { ip: '127.0.0.1' });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');

  const gone = new AbortController();
  const stream = await fetch(`${base}/stream`, { headers: { cookie }, signal: gone.signal });
  const reader = stream.body?.getReader();
  const hello = await reader?.read();
  assert.match(Buffer.from(hello?.value ?? []).toString(), /event: hello/);
  await world.find();
  const news = await reader?.read();
  assert.match(Buffer.from(news?.value ?? []).toString(), /"kind":"incident"/);
  gone.abort();

  const huge = 'x'.repeat(JSON_BYTES_MAX * 2);
  const refused = await fetch(`${base}/users`, { method: 'POST', headers: { ...headers, cookie }, body: huge }).catch(
    () => null,
  );
  // A server that refuses a body unread may end the connection under the sender.
  assert.ok(refused === null || refused.status === 413);
  assert.equal((await fetch(`${base}/session`, { headers: { cookie } })).status, 200);
});
