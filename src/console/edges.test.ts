import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createLog } from '#kernel';
import { fuzzInputs } from '../../test/support/shared.ts';
import type { ApiProblem, Page, SavedHunt } from './api.ts';
import { ORIGIN, fill, newClient, setUp } from './client.fixture.ts';
import { openWorld } from './console.fixture.ts';
import { JSON_BYTES_MAX } from './limits.ts';
import { describeApi } from './openapi.ts';
import { ROUTES } from './routes.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '\u202Egnp.exe',
  '${7*7}{{7*7}}',
  "'; DROP TABLE console_hunts; --",
  '\u0000\u0007\n\r',
  '{"__proto__":{"isAdmin":true}}',
];

test('hostile texts pass as data, under a type that no browser runs', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  for (const [n, text] of HOSTILE.entries()) {
    const hunt = {
      id: `h${n}`,
      name: `x${text}x`,
      sql: `SELECT '${text}'`,
      picture: 'table',
      author: 'somebody else',
      changedMs: 0,
    };
    assert.equal((await admin.call('PUT', `/hunt/saved/h${n}`, hunt)).status, 200);
    const own = {
      class_uid: 6005,
      category_uid: 6,
      activity_id: 1,
      type_uid: 600_501,
      severity_id: 1,
      time: 1,
      metadata: {},
    };
    await world.append({ ...own, message: text, actor: { user: { name: text } } }, text);
  }
  const response = await admin.call('GET', '/hunt/saved');
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const saved = (await response.json()) as SavedHunt[];
  assert.deepEqual(new Set(saved.map(({ name }) => name)), new Set(HOSTILE.map((text) => `x${text}x`)));
  assert.ok(
    saved.every(({ author }) => author === 'ada'),
    'the author is who saved it',
  );
  const events = (await (await admin.call('GET', '/events?class=6005')).json()) as Page<{ index: number }>;
  assert.equal(events.items.length, HOSTILE.length);
  for (const { index } of events.items) {
    const detail = await admin.call('GET', `/events/${index}`);
    assert.equal(detail.status, 200);
    assert.match(detail.headers.get('content-security-policy') ?? '', /sandbox/);
  }
});

test('a body too large, of another kind or of another form is refused with words that repeat nothing of it', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const codes = async (body: unknown, headers: Record<string, string> = {}): Promise<string> => {
    const problem = (await (await admin.call('POST', '/users', body, headers)).json()) as ApiProblem;
    assert.ok(!problem.message.includes('secret'), problem.message);
    return problem.code;
  };
  assert.equal(await codes('x'.repeat(JSON_BYTES_MAX + 1)), 'too_large');
  assert.equal(await codes('{}', { 'content-length': '99999999' }), 'too_large');
  assert.equal(await codes('{"name":"secret"'), 'invalid');
  assert.equal(await codes(Uint8Array.of(0xff, 0xfe)), 'invalid');
  assert.equal(await codes('name=secret', { 'content-type': 'application/x-www-form-urlencoded' }), 'invalid');
  assert.equal(await codes({ name: 'secret', role: 'root', seesPatients: false }), 'invalid');
  assert.equal(await codes({ name: 'secret', role: 'analyst', seesPatients: false, secret: 1 }), 'invalid');
  assert.equal(await codes(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'invalid');
  assert.equal(await codes('{"__proto__":{"role":"administrator"},"name":"x","seesPatients":true}'), 'invalid');
  assert.equal((await world.accounts.users.list()).length, 1);
});

test('whoever changes, renews or removes a source that is not there is told so, and no other is touched', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const body = { name: 'Firewall', kind: 'ndjson' };
  assert.equal((await admin.call('POST', '/sources', body)).status, 201);
  for (const [method, path, sent] of [
    ['PATCH', '/sources/none', {}],
    ['PATCH', '/sources/none', { name: 'x' }],
    ['POST', '/sources/none/token', {}],
    ['DELETE', '/sources/none', undefined],
  ] as const) {
    const response = await admin.call(method, path, sent);
    assert.equal(response.status, 404, `${method} ${path}`);
    assert.equal(((await response.json()) as ApiProblem).code, 'not_found');
  }
  const sources = (await (await admin.call('GET', '/sources')).json()) as unknown[];
  assert.equal(sources.length, 1);
});

test('a fault of ours is told by its id alone, which stands in the log', async (t) => {
  const lines: string[] = [];
  const world = await openWorld(t, { log: createLog({ write: (line) => void lines.push(line) }) });
  const admin = await setUp(world);
  world.disk.fault = new Error('secret words of an inner part');
  const problem = (await (await admin.call('PATCH', '/settings', {})).json()) as ApiProblem;
  assert.equal(problem.code, 'fault');
  assert.ok(!JSON.stringify(problem).includes('secret'));
  assert.ok(lines.some((line) => line.includes(problem.id) && line.includes('secret words')));
});

test('whatever is asked, the answer is a form that is known, and never a fault', async (t) => {
  const lines: string[] = [];
  const world = await openWorld(t, { log: createLog({ level: 'error', write: (line) => void lines.push(line) }) });
  const admin = await setUp(world);
  const routes = new Map(
    ROUTES.filter(
      ({ path, method }) => !path.startsWith('/stream') && !(path === '/session' && method === 'DELETE'),
    ).map((route) => [`${route.method} ${route.path}`, route]),
  );
  const value = fc.oneof(fc.string(), fc.constantFrom(...HOSTILE, '0', '-1', '9007199254740993', '1e99', 'true', ''));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes.keys()),
      fc.dictionary(fc.constantFrom('id', 'index', 'path'), value),
      fc.dictionary(
        fc.constantFrom('q', 'limit', 'before', 'since', 'until', 'class', 'token', 'open', 'format', 'x'),
        value,
      ),
      fc.oneof(fc.json(), fc.jsonValue(), fc.uint8Array(), fc.constant(undefined)),
      async (name, params, query, body) => {
        const route = routes.get(name);
        assert.ok(route !== undefined);
        world.clock.advance(10_000);
        const path = fill(
          route,
          Object.fromEntries(
            Object.entries(params).map(([key, text]) => [key, encodeURIComponent(text.toWellFormed())]),
          ),
        );
        const search = new URLSearchParams(query).toString();
        const sent = route.method === 'GET' || route.method === 'DELETE' ? undefined : body;
        const response = await admin.call(route.method, `${path}?${search}`, sent);
        assert.ok(response.status < 500, `${route.method} ${path}?${search} ${response.status}: ${lines.at(-1)}`);
        await response.arrayBuffer();
      },
    ),
    { numRuns: fuzzInputs({ oneIn: 5, atMost: 1_000 }) },
  );
});

test('paths out of the ledger’s tree lead nowhere', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  for (const path of [
    '..%2F..%2Fledger.json',
    '0/..%2f..%2f..%2fkey',
    '0%00',
    '6/000',
    '0/1000',
    '0/000.p/256',
    'entries/../checkpoint',
    '0/000.p/0',
  ])
    assert.ok([400, 404].includes((await admin.call('GET', `/ledger/tile/${path}`)).status), path);
});

test('too many requests must wait, and others need not', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const stranger = newClient(world, { address: '10.6.6.6' });
  const statuses = [];
  for (let n = 0; n < 60; n += 1) statuses.push((await stranger.call('GET', '/overview')).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  assert.equal((await newClient(world, { address: '10.6.6.7' }).call('GET', '/overview')).status, 401);
  assert.equal((await admin.call('GET', '/overview')).status, 200);
  const all = [];
  for (let n = 0; n < 200; n += 1) all.push((await admin.call('GET', '/session')).status);
  assert.equal(all.at(-1), 429);
  world.clock.advance(60_000);
  assert.equal((await admin.call('GET', '/session')).status, 200);
  assert.equal((await stranger.call('GET', '/overview')).status, 401);
});

interface Described {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, unknown>; security: unknown[] }>
  >;
  components: { schemas: Record<string, unknown> };
}

test('the description names every address, and everything that it refers to', () => {
  const text = JSON.stringify(describeApi(ROUTES, '1'));
  const { openapi, paths, components } = JSON.parse(text) as Described;
  assert.equal(openapi, '3.1.0');
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  assert.equal(operations.length, ROUTES.length);
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, ROUTES.length);
  const refs = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref));
  assert.ok(refs.size > 30);
  for (const ref of refs) assert.ok(Object.hasOwn(components.schemas, ref.replace('#/components/schemas/', '')), ref);
  assert.ok(paths['/api/v1/ledger/tile/{path}']?.['get'] !== undefined);
  assert.equal(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size, ROUTES.length);
});

test('a program without the header asks by its token alone', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const { secret } = (await (
    await admin.call('POST', '/tokens', { name: 'ops', scopes: ['administer'], expiresMs: null })
  ).json()) as { secret: string };
  const request = new Request(`${ORIGIN}/api/v1/sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'EHR', kind: 'fhir-auditevent' }),
  });
  assert.equal((await world.console.fetch(request)).status, 201);
});
