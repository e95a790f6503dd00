import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Role, TokenScope } from '#protect/accounts';
import type { Incident, Page, Suppression, TokenSecret } from './api.ts';
import { ORIGIN, type Client, fill, newClient, setUp, signInAs } from './client.fixture.ts';
import { NOW, PASSWORD, type World, openWorld } from './console.fixture.ts';
import { type Route, isPlain } from './route.ts';
import { ROUTES } from './routes.ts';

const RULE = {
  id: 'rule-1',
  title: 'A rule',
  level: 'high',
  origin: 'wardkeep',
  author: null,
  isEnabled: true,
  tactics: ['collection'],
  techniques: ['T1213', 'T9999.001'],
  logsource: 'wardkeep/datastore_activity',
  findings: 1,
  problem: null,
  description: null,
  falsePositives: [],
  references: [],
  yaml: 'title: A rule',
  licence: null,
  source: null,
  levelInFile: 'high',
} as const;

/** A world in which every address has something to show. */
async function furnish(t: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(t);
  world.rules.push({
    ...RULE,
    tactics: [...RULE.tactics],
    techniques: [...RULE.techniques],
    falsePositives: [],
    references: [],
  });
  const own = {
    metadata: { version: '1.8.0', product: { name: 'x' } },
    severity_id: 1,
    category_uid: 6,
    class_uid: 6005,
  };
  await world.append(
    {
      ...own,
      activity_id: 1,
      type_uid: 600_501,
      time: NOW,
      message: 'a record was read',
      patient: { uid: 'MRN 4711' },
    },
    'raw <b>line</b>',
  );
  await world.find();
  await world.find();
  return world;
}

/** What is asked of a route, where the empty request is not enough. */
interface Example {
  params?: Record<string, string>;
  query?: string;
  body?: unknown;
}

async function examplesOf(world: World, admin: Client): Promise<Record<string, Example>> {
  const [incident] = (await world.incidents.list({ limit: 1 })).items;
  const id = incident?.id ?? '';
  const suppress = {
    ruleId: 'rule-1',
    entities: [{ kind: 'patient', name: 'MRN 4711' }],
    reason: 'known',
    expiresMs: NOW + 86_400_000,
  };
  const user = await world.accounts.users.create(
    { kind: 'host', id: 'h', name: 'h' },
    { name: 'target', role: 'read-only', seesPatients: false },
  );
  const token = await world.accounts.tokens.create(
    { kind: 'host', id: 'h', name: 'h' },
    { name: 'target', scopes: ['read'], expiresMs: null },
  );
  const suppression = await world.incidents.suppress(
    id,
    { ...suppress, entities: [{ kind: 'patient', name: 'MRN 4711' }] },
    'ada',
  );
  await admin.call('PUT', '/hunt/saved/h1', {
    id: 'h1',
    name: 'One',
    sql: 'SELECT 1',
    picture: 'table',
    author: '',
    changedMs: 0,
  });
  const filter = {
    id: 'f1',
    name: 'Failed',
    page: 'events',
    search: 'outcome=failure',
    isShared: true,
    author: '',
    changedMs: 0,
  };
  await admin.call('PUT', '/filters/f1', filter);
  await admin.call('POST', '/sources', { name: 'Firewall', kind: 'syslog' });
  const receipt = (await world.ledger.prove(0)).proof;
  const one = { id };
  const source = { id: 's1' };
  return {
    'GET /setup': { query: '?token=x' },
    'POST /setup': { body: { token: 'x', hospital: 'H', zone: 'UTC', user: 'eve', password: PASSWORD } },
    'POST /session': { body: { user: 'nobody', password: 'nothing at all' } },
    'POST /session/password': { body: { current: 'not it', next: 'five loud purple drums' } },
    'POST /session/totp/confirm': { body: { code: '000000' } },
    'GET /incidents': { query: '?state=unclosed&severity=low&limit=10' },
    'GET /incidents/:id': { params: one },
    'PATCH /incidents/:id': { params: one, body: { state: 'open' } },
    'POST /incidents/:id/notes': { params: one, body: { text: 'seen' } },
    'POST /incidents/:id/merge': { params: one, body: { ids: [id] } },
    'POST /incidents/:id/split': { params: one, body: { findings: [1_001] } },
    'POST /incidents/:id/suppress/preview': { params: one, body: suppress },
    'POST /incidents/:id/suppress': { params: one, body: suppress },
    'DELETE /suppressions/:id': { params: { id: suppression.id } },
    'GET /findings': { query: '?limit=5' },
    'GET /rules': { query: '?q=rule' },
    'GET /rules/:id': { params: { id: 'rule-1' } },
    'PATCH /rules/:id': { params: { id: 'rule-1' }, body: { isEnabled: false } },
    'POST /rules/:id/preview': { params: { id: 'rule-1' }, body: { days: 7 } },
    'POST /rules/import': { body: Uint8Array.of(1, 2, 3) },
    'GET /events': { query: `?limit=5&text=record&source=s1&severity=1&outcome=success&incident=${id}` },
    'GET /events/:index': { params: { index: '0' } },
    'GET /events/:index/receipt': { params: { index: '0' } },
    'POST /hunt': { body: { sql: 'SELECT 1', limit: 5 } },
    'POST /hunt/export': { query: '?format=csv', body: { sql: 'SELECT 1' } },
    'PUT /hunt/saved/:id': {
      params: { id: 'h1' },
      body: { id: 'h1', name: 'One', sql: 'SELECT 1', picture: 'bar', author: '', changedMs: 0 },
    },
    'DELETE /hunt/saved/:id': { params: { id: 'h1' } },
    'PUT /filters/:id': { params: { id: 'f1' }, body: filter },
    'DELETE /filters/:id': { params: { id: 'f1' } },
    'GET /sources/:id': { params: source },
    'POST /sources': {
      body: { name: 'EHR', kind: 'fhir-auditevent', zone: 'Europe/Berlin', silentAfterMs: 3_600_000 },
    },
    'PATCH /sources/:id': { params: source, body: { name: 'Firewall 2' } },
    'POST /sources/:id/token': { params: source },
    'DELETE /sources/:id': { params: source },
    'GET /ledger/tile/:path{.+}': { params: { path: '0/000.p/1' } },
    'POST /ledger/receipt': { body: { receipt } },
    'PATCH /ledger/retention': { body: { telemetryDays: 400 } },
    'POST /ledger/holds': { body: { name: 'Case 7', fromDay: '2026-11-01', toDay: null } },
    'DELETE /ledger/holds/:name': { params: { name: 'Case 7' } },
    'PATCH /settings': { body: { hospital: 'Riverside 2', secrets: { 'webhook.secret': 's3cret' } } },
    'POST /users': { body: { name: 'made', role: 'analyst', seesPatients: false } },
    'PATCH /users/:id': { params: { id: user.account.id }, body: { isLocked: true } },
    'POST /users/:id/reset': { params: { id: user.account.id } },
    'DELETE /users/:id': { params: { id: user.account.id } },
    'POST /tokens': { body: { name: 'made', scopes: ['read'], expiresMs: null } },
    'DELETE /tokens/:id': { params: { id: token.token.id } },
  };
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

function ask(client: Client, route: Route, { params, query = '', body }: Example = {}): Promise<Response> {
  const headers: Record<string, string> = body instanceof Uint8Array ? { 'content-type': 'application/gzip' } : {};
  return client.call(route.method, fill(route, params) + query, body, headers);
}

/** Deletions come last, and the session's own end last of all. */
function inOrder(routes: readonly Route[]): Route[] {
  const rank = (route: Route): number =>
    route.path === '/session' && route.method === 'DELETE' ? 2 : route.method === 'DELETE' ? 1 : 0;
  return routes.toSorted((a, b) => rank(a) - rank(b));
}

/** Requests of the examples that a module refuses by its own rules, and how. */
const REFUSED: Readonly<Record<string, number>> = {
  'POST /setup': 400,
  'POST /session': 401,
  'POST /session/password': 400,
  'POST /session/totp/confirm': 400,
  'POST /incidents/:id/merge': 400,
};

test('every address answers an administrator, and every answer has the form that is described', async (t) => {
  const world = await furnish(t);
  const admin = await setUp(world);
  const examples = await examplesOf(world, admin);
  await world.ledger.publish();
  for (const route of inOrder(ROUTES)) {
    const name = nameOf(route);
    world.clock.advance(60_000);
    const response = await ask(admin, route, examples[name]);
    const expected = REFUSED[name] ?? (route.reply === null ? 204 : (route.status ?? 200));
    if (name === 'GET /stream') await response.body?.cancel();
    else if (name === 'GET /ledger/tile/:path{.+}') assert.ok([200, 404].includes(response.status));
    else assert.equal(response.status, expected, `${name}: ${expected === 204 ? '' : await response.clone().text()}`);
    if (REFUSED[name] !== undefined || response.status === 404) continue;
    if (isPlain(route.reply) || name === 'GET /events/:index/receipt')
      assert.doesNotMatch(response.headers.get('content-type') ?? '', /html/);
    else if (route.reply instanceof z.ZodType) {
      const checked = route.reply.safeParse(await response.json());
      assert.ok(checked.success, `${name}: ${checked.error?.message}`);
    }
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
});

/** What each role may do, told apart from the code that decides it. */
const RIGHTS: Readonly<Record<Role, readonly string[]>> = {
  administrator: ['read', 'respond', 'administer'],
  analyst: ['read', 'respond'],
  'privacy-officer': ['read', 'respond'],
  'read-only': ['read'],
};
const SCOPES: readonly TokenScope[] = ['read', 'hunt', 'respond', 'administer'];

/** Whether a caller gets past the door: what the route does then is another question. */
function isLet(status: number): boolean {
  return status !== 401 && status !== 403;
}

test('each route lets in whom its row in the table names, and nobody else', async (t) => {
  const world = await furnish(t);
  await setUp(world);
  const refresh = () => world.clock.advance(60_000);
  const nobody = newClient(world);
  const programs = await Promise.all(
    SCOPES.map(async (scope) => {
      const made = await world.accounts.tokens.create(
        { kind: 'host', id: 'h', name: 'h' },
        { name: scope, scopes: [scope], expiresMs: null },
      );
      return [scope, newClient(world, { token: made.secret })] as const;
    }),
  );
  const forged = newClient(world, { token: 'wk.none.none' });
  for (const role of Object.keys(RIGHTS) as Role[]) {
    const client = await signInAs(world, role);
    for (const route of ROUTES) {
      if (route.path === '/session') continue;
      refresh();
      const status = await statusOf(client, route);
      const { access } = route;
      const mayPass = access === 'public' || access === 'session' || RIGHTS[role].includes(access.right);
      assert.equal(isLet(status), mayPass, `${role} ${nameOf(route)}: ${status}`);
    }
  }
  for (const route of ROUTES) {
    if (route.path === '/session') continue;
    refresh();
    const { access } = route;
    assert.equal((await statusOf(nobody, route)) === 401, access !== 'public', `nobody ${nameOf(route)}`);
    if (access !== 'public') assert.equal(await statusOf(forged, route), 401, `forged ${nameOf(route)}`);
    for (const [scope, client] of programs) {
      const mayPass = access === 'public' || (access !== 'session' && access.scope === scope);
      assert.equal(isLet(await statusOf(client, route)), mayPass, `token ${scope} ${nameOf(route)}`);
    }
  }
});

async function statusOf(client: Client, route: Route): Promise<number> {
  // An empty body passes no schema, so nothing is changed; bytes are taken as they are.
  const body = route.body === undefined ? undefined : route.path === '/rules/import' ? new Uint8Array(1) : {};
  const response = await client.call(route.method, fill(route), body);
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) await response.body?.cancel();
  return response.status;
}

test('an address that is none, and a method that an address has not, are not found', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  for (const [method, path] of [
    ['GET', '/none'],
    ['GET', ''],
    ['PUT', '/users'],
    ['GET', '/../users'],
    ['DELETE', '/overview'],
  ] as const)
    assert.equal((await admin.call(method, path)).status, 404, `${method} ${path}`);
  const outside = await world.console.fetch(new Request(`${ORIGIN}/api/v2/overview`));
  assert.equal(outside.status, 404);
});

test('whom an incident concerns is a stand-in for those who may not see patients, also where they ask and answer', async (t) => {
  const world = await furnish(t);
  await setUp(world);
  const blind = await signInAs(world, 'analyst');
  const sees = await signInAs(world, 'analyst', { seesPatients: true });
  const { items } = (await (await blind.call('GET', '/incidents')).json()) as Page<Incident>;
  const id = items[0]?.id ?? '';
  for (const path of [
    '/incidents',
    `/incidents/${id}`,
    '/findings',
    '/overview',
    '/events',
    '/events/0',
    '/suppressions',
  ])
    assert.doesNotMatch(await (await blind.call('GET', path)).text(), /4711/, path);
  for (const path of ['/incidents', `/incidents/${id}`, '/findings', '/events', '/events/0'])
    assert.match(await (await sees.call('GET', path)).text(), /4711/, path);

  const standIn = items[0]?.entities.find(({ kind }) => kind === 'patient')?.name ?? '';
  assert.match(standIn, /^patient-[0-9a-f]{12}$/);
  const request = {
    ruleId: 'rule-1',
    entities: [{ kind: 'patient', name: standIn }],
    reason: 'known',
    expiresMs: NOW + 86_400_000,
  };
  const preview = await blind.call('POST', `/incidents/${id}/suppress/preview`, request);
  assert.equal(((await preview.json()) as { hidden: number }).hidden, 1, 'the stand-in means the patient');
  const made = (await (await blind.call('POST', `/incidents/${id}/suppress`, request)).json()) as Suppression;
  assert.equal(made.entities[0]?.name, standIn);
  assert.equal((await world.incidents.suppressions())[0]?.entities[0]?.name, 'MRN 4711');

  assert.equal((await blind.call('GET', '/events?patient=MRN%204711')).status, 403);
  assert.equal((await blind.call('GET', '/events/0/receipt?open=normal')).status, 403);
  assert.equal((await blind.call('GET', '/events/0/receipt')).status, 200, 'a receipt alone tells nothing');
  const found = (await (await blind.call('GET', '/events?text=record')).json()) as Page<unknown>;
  assert.deepEqual(found.items, [], 'words are not found in what is hidden');
  await blind.call('POST', '/hunt', { sql: 'SELECT 1' });
  await sees.call('POST', '/hunt', { sql: 'SELECT 1' });
  assert.deepEqual(
    world.asked.map((one) => (one as { seesPatients?: boolean }).seesPatients).filter((sees) => sees !== undefined),
    [false, true],
  );
});

test('tokens never see patients', async (t) => {
  const world = await furnish(t);
  const admin = await setUp(world);
  const made = await admin.call('POST', '/tokens', { name: 'all', scopes: SCOPES, expiresMs: null });
  const program = newClient(world, { token: ((await made.json()) as TokenSecret).secret });
  for (const path of ['/incidents', '/findings', '/events', '/events/0']) {
    const response = await program.call('GET', path);
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(await response.text(), /4711/, path);
  }
});

test('what staff look at is recorded with the patient; where that fails, nobody sees patients', async (t) => {
  const world = await furnish(t);
  await setUp(world);
  const blind = await signInAs(world, 'analyst');
  const sees = await signInAs(world, 'privacy-officer', { seesPatients: true });
  world.recorded.length = 0;
  await sees.call('GET', '/events/0');
  await sees.call('GET', '/events/0');
  await sees.call('GET', '/events?patient=MRN%204711&text=secret%20words');
  await blind.call('GET', '/events/0');
  const [view, search, other] = world.recorded;
  assert.equal(world.recorded.length, 3, 'the same look is recorded once a minute');
  assert.deepEqual(view?.['patient'], { uid: 'MRN 4711' });
  assert.deepEqual(search?.['patient'], { uid: 'MRN 4711' });
  assert.doesNotMatch(JSON.stringify(search), /secret words/);
  assert.equal(other?.['patient'], undefined, 'who saw no patient looked at none');
  world.disk.fault = new Error('the disk is full');
  world.clock.advance(120_000);
  assert.equal((await sees.call('GET', '/events/0')).status, 500);
  assert.equal((await blind.call('GET', '/events/0')).status, 200);
  assert.equal((await sees.call('GET', '/overview')).status, 200);
});

test('a change that cannot be recorded is not made', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  world.disk.fault = new Error('the disk is full');
  assert.equal((await admin.call('POST', '/sources', { name: 'Firewall', kind: 'syslog' })).status, 500);
  assert.equal((await admin.call('PATCH', '/settings', { hospital: 'Other' })).status, 500);
  assert.equal(world.sources.length, 0);
  assert.equal(world.console.settings.values().hospital, 'Riverside');
});

test('a secret is taken, kept sealed, and never given back', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  const secret = 'hunter2 hunter2';
  const response = await admin.call('PATCH', '/settings', { secrets: { 'webhook.secret': secret } });
  const text = await response.text();
  assert.deepEqual((JSON.parse(text) as { secrets: string[] }).secrets, ['webhook.secret']);
  assert.ok(!text.includes(secret));
  assert.ok(!JSON.stringify(world.recorded).includes(secret));
  assert.equal(world.console.settings.secret('webhook.secret'), secret);
  await admin.call('PATCH', '/settings', { secrets: { 'webhook.secret': null } });
  assert.equal(world.console.settings.secret('webhook.secret'), null);
});
