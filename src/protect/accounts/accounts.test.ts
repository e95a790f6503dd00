import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOTP, Secret } from 'otpauth';
import { NOW, PASSWORD, type World, openWorld, setUp } from './accounts.fixture.ts';
import { AccountsError, type AccountsErrorCode } from './errors.ts';
import { SESSION_AGE_MS, SESSION_IDLE_MS, SETUP_LINK_MS } from './limits.ts';
import type { SignInResult, SignedIn } from './types.ts';

const ADDRESS = '10.0.0.7';
const ADMIN = { kind: 'user', id: 'x', name: 'ada' } as const;

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

function signIn(
  { accounts }: Pick<World, 'accounts'>,
  change: { name?: string; password?: string; code?: string; address?: string; device?: string | null } = {},
) {
  return accounts.signIn({ name: 'ada', password: PASSWORD, address: ADDRESS, device: null, ...change });
}

function signedIn(result: SignInResult): { cookie: string; device: string; signedIn: SignedIn } {
  assert.ok(result.outcome === 'signed-in');
  return result;
}

async function fails(work: Promise<unknown>, code: AccountsErrorCode): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AccountsError && error.code === code);
}

function codeAt(secret: string, nowMs: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: nowMs });
}

test('the first administrator comes by a link that works once and not for long', () =>
  withWorld(async (world) => {
    const { setup } = world.accounts;
    assert.equal(await setup.isDone(), false);
    const first = await setup.issue();
    const second = await setup.issue();
    assert.equal(await setup.isGood(first?.token ?? ''), false, 'a newer link ends the one before');
    assert.equal(await setup.isGood(second?.token ?? ''), true);
    assert.equal(await setup.isGood(''), false);
    await fails(setup.finish({ token: 'x', name: 'ada', password: PASSWORD }), 'link_over');
    await fails(setup.finish({ token: second?.token ?? '', name: 'ada', password: 'short' }), 'weak_password');
    world.clock.advance(SETUP_LINK_MS);
    assert.equal(await setup.isGood(second?.token ?? ''), false);
    const third = await setup.issue();
    const finish = { token: third?.token ?? '', name: 'ada', password: PASSWORD };
    const both = await Promise.allSettled([setup.finish(finish), setup.finish({ ...finish, name: 'eve' })]);
    assert.deepEqual(both.map((one) => one.status).toSorted(), ['fulfilled', 'rejected']);
    assert.equal(await setup.isGood(third?.token ?? ''), false);
    assert.equal(await setup.issue(), null);
    assert.equal((await world.accounts.users.list()).length, 1);
  }));

test('a sign-in gives a session that ends when idle, when old, and when it is ended', () =>
  withWorld(async (world) => {
    await setUp(world);
    const { accounts, clock } = world;
    const { cookie } = signedIn(await signIn(world, { name: ' ADA ' }));
    assert.equal((await accounts.session(cookie))?.account.name, 'ada');
    for (const bad of ['', 'x', cookie.slice(0, -1), `${cookie}x`.replace('.', 'x.'), cookie.split('.')[0] ?? ''])
      assert.equal(await accounts.session(bad), null);
    clock.advance(SESSION_IDLE_MS - 1);
    assert.notEqual(await accounts.session(cookie), null);
    clock.advance(SESSION_IDLE_MS - 1);
    assert.notEqual(await world.again().session(cookie), null, 'a restart signs nobody out');
    clock.advance(SESSION_IDLE_MS);
    assert.equal(await accounts.session(cookie), null);

    const busy = signedIn(await signIn(world)).cookie;
    const untilMs = clock.nowMs() + SESSION_AGE_MS;
    while (clock.nowMs() + SESSION_IDLE_MS / 2 < untilMs) {
      clock.advance(SESSION_IDLE_MS / 2);
      assert.notEqual(await accounts.session(busy), null);
    }
    clock.set(untilMs);
    assert.equal(await accounts.session(busy), null, 'use does not make a session immortal');

    const third = signedIn(await signIn(world));
    await accounts.signOut(third.signedIn, ADDRESS);
    assert.equal(await accounts.session(third.cookie), null);
  }));

test('whatever is wrong, the answer is the same', () =>
  withWorld(async (world) => {
    await setUp(world);
    await world.accounts.users.create(ADMIN, { name: 'bob', role: 'analyst', seesPatients: false });
    assert.deepEqual(await signIn(world, { password: 'wrong wrong wrong' }), { outcome: 'refused' });
    assert.deepEqual(await signIn(world, { name: 'nobody' }), { outcome: 'refused' });
    assert.deepEqual(await signIn(world, { name: 'x'.repeat(10_000) }), { outcome: 'refused' });
    assert.deepEqual(await signIn(world, { password: 'x'.repeat(100_000) }), { outcome: 'refused' });
    const reasons = world.events.filter((event) => event['status_id'] === 2).map((event) => event['status_detail']);
    assert.deepEqual(reasons, ['wrong password', 'unknown name']);
    assert.ok(!JSON.stringify(world.events).includes('wrong wrong'), 'no password stands in an event');
  }));

test('failures make strangers wait, never a browser that is known', () =>
  withWorld(async (world) => {
    await setUp(world);
    const { device } = signedIn(await signIn(world));
    const stranger = { password: 'wrong wrong wrong' };
    for (let n = 0; n < 5; n += 1) assert.equal((await signIn(world, stranger)).outcome, 'refused');
    assert.deepEqual(await signIn(world, stranger), { outcome: 'wait', waitMs: 1_000 });
    assert.equal((await signIn(world)).outcome, 'wait', 'also with the right password');
    assert.equal((await signIn(world, { device: 'forged.mark' })).outcome, 'wait');
    assert.equal((await signIn(world, { device })).outcome, 'signed-in');
    for (let n = 0; n < 30; n += 1) {
      world.clock.advance(16 * 60_000);
      await signIn(world, stranger);
    }
    for (let n = 0; n < 300; n += 1) await signIn(world, { ...stranger, address: `10.9.${n}.1` });
    assert.equal((await signIn(world, { address: '10.200.0.1' })).outcome, 'wait', 'one name from everywhere');
    assert.equal((await signIn(world, { device })).outcome, 'signed-in', 'the known browser goes on');
    const known = { ...stranger, device };
    for (let n = 0; n < 40; n += 1) await signIn(world, known);
    const wait = await signIn(world, known);
    assert.ok(wait.outcome === 'wait' && wait.waitMs <= 30_000);
  }));

test('many tries at once gain nothing', () =>
  withWorld(async (world) => {
    await setUp(world);
    const tries = Array.from({ length: 30 }, () => signIn(world, { password: 'wrong wrong wrong' }));
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((one) => one === 'refused').length, 5);
  }));

test('a second factor is asked for, taken once, and cannot be guessed beside the password', () =>
  withWorld(async (world) => {
    const { accounts, clock } = world;
    await setUp(world);
    const first = signedIn(await signIn(world));
    const { secret, uri } = await accounts.own.enrolTotp(first.signedIn);
    assert.match(uri, /^otpauth:\/\/totp\/Wardkeep:ada\?/);
    await fails(accounts.own.confirmTotp(first.signedIn, '000000'), 'wrong_secret');
    assert.equal((await signIn(world)).outcome, 'signed-in', 'not good before it is confirmed');
    await accounts.own.confirmTotp(first.signedIn, codeAt(secret, NOW));
    assert.equal((await signIn(world)).outcome, 'needs-totp');
    assert.equal((await signIn(world, { code: codeAt(secret, NOW) })).outcome, 'refused', 'used when it was confirmed');
    clock.advance(30_000);
    const code = codeAt(secret, clock.nowMs());
    const both = await Promise.all([signIn(world, { code }), signIn(world, { code })]);
    assert.deepEqual(both.map(({ outcome }) => outcome).toSorted(), ['refused', 'signed-in']);
    clock.advance(30_000);
    assert.equal(
      (await signIn(world, { code: codeAt(secret, clock.nowMs() - 30_000) })).outcome,
      'refused',
      'replayed',
    );
    assert.equal(
      (await signIn(world, { code: codeAt(secret, clock.nowMs() + 30_000) })).outcome,
      'signed-in',
      'a clock ahead',
    );
    let guesses = 0;
    for (let n = 0; n < 50; n += 1) {
      await signIn(world);
      if ((await signIn(world, { code: '123456' })).outcome === 'refused') guesses += 1;
    }
    assert.ok(guesses <= 5, `${guesses} codes could be guessed without a wait`);
    const sealed = world.again({ key: Buffer.alloc(32, 8) });
    assert.equal((await signIn({ accounts: sealed }, { code })).outcome, 'refused', 'sealed under another key');
  }));

test('an administrator resets an account, and its first password must be changed', () =>
  withWorld(async (world) => {
    const { accounts } = world;
    await setUp(world);
    const bob = await accounts.users.create(ADMIN, { name: 'bob', role: 'analyst', seesPatients: true });
    assert.match(bob.password, /^(?:[a-z]{4}-){4}[a-z]{4}$/);
    const one = signedIn(await signIn(world, { name: 'bob', password: bob.password }));
    assert.equal(one.signedIn.mustChangePassword, true);
    await fails(accounts.own.changePassword(one.signedIn, { current: 'x', next: PASSWORD }), 'wrong_secret');
    await fails(
      accounts.own.changePassword(one.signedIn, { current: bob.password, next: 'bobbobbobbob' }),
      'weak_password',
    );
    await fails(
      accounts.own.changePassword(one.signedIn, { current: bob.password, next: bob.password }),
      'weak_password',
    );
    const other = signedIn(await signIn(world, { name: 'bob', password: bob.password }));
    await accounts.own.changePassword(one.signedIn, { current: bob.password, next: PASSWORD });
    assert.equal((await accounts.session(one.cookie))?.mustChangePassword, false);
    assert.equal(await accounts.session(other.cookie), null, 'other sessions end');
    const again = await accounts.users.reset(ADMIN, bob.account.id);
    assert.equal(await accounts.session(one.cookie), null);
    assert.equal((await signIn(world, { name: 'bob' })).outcome, 'refused');
    assert.equal(
      signedIn(await signIn(world, { name: 'bob', password: again.password })).signedIn.mustChangePassword,
      true,
    );
  }));

test('the last administrator stays', () =>
  withWorld(async (world) => {
    const { users } = world.accounts;
    const id = await setUp(world);
    await fails(users.remove(ADMIN, id), 'last_administrator');
    await fails(users.change(ADMIN, id, { role: 'analyst' }), 'last_administrator');
    await fails(users.change(ADMIN, id, { isLocked: true }), 'last_administrator');
    const eve = await users.create(ADMIN, { name: 'eve', role: 'administrator', seesPatients: false });
    const gone = await Promise.allSettled([users.remove(ADMIN, id), users.remove(ADMIN, eve.account.id)]);
    assert.deepEqual(gone.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    assert.equal((await users.list()).length, 1);
  }));

test('names that look alike are one, and a locked account is out at once', () =>
  withWorld(async (world) => {
    const { accounts } = world;
    await setUp(world);
    const create = (name: string) => accounts.users.create(ADMIN, { name, role: 'read-only', seesPatients: false });
    await fails(create('ＡＤＡ'), 'name_taken');
    for (const bad of ['', ' ', '<b>', 'a\u0000b', 'x'.repeat(65), '\u202Eabc']) await fails(create(bad), 'bad_name');
    const bob = await create('Bob');
    const session = signedIn(await signIn(world, { name: 'bob', password: bob.password }));
    await accounts.users.change(ADMIN, bob.account.id, { isLocked: true });
    assert.equal(await accounts.session(session.cookie), null);
    assert.equal((await signIn(world, { name: 'bob', password: bob.password })).outcome, 'refused');
    await accounts.users.change(ADMIN, bob.account.id, { isLocked: false });
    assert.equal((await signIn(world, { name: 'bob', password: bob.password })).outcome, 'signed-in');
    await fails(accounts.users.change(ADMIN, 'none', { isLocked: true }), 'no_such_user');
  }));

test('a token is known by its secret until its time is over', () =>
  withWorld(async (world) => {
    const { tokens } = world.accounts;
    const { token, secret } = await tokens.create(ADMIN, {
      name: 'siem',
      scopes: ['read', 'hunt'],
      expiresMs: NOW + 1_000,
    });
    assert.deepEqual((await tokens.find(secret))?.scopes, ['hunt', 'read']);
    for (const bad of ['', 'wk', 'wk..', secret.slice(1), `${secret}x`, secret.replace('wk.', 'wx.')])
      assert.equal(await tokens.find(bad), null);
    assert.ok(!JSON.stringify([await tokens.list(), world.events]).includes(secret.split('.')[2] ?? 'none'));
    world.clock.advance(1_000);
    assert.equal(await tokens.find(secret), null);
    await tokens.remove(ADMIN, token.id);
    await fails(tokens.remove(ADMIN, token.id), 'no_such_token');
  }));

test('a change that cannot be recorded is not made; a sign-in goes on', () =>
  withWorld(async (world) => {
    await setUp(world);
    world.ledger.fault = new Error('the disk is full');
    const { users } = world.accounts;
    await assert.rejects(users.create(ADMIN, { name: 'bob', role: 'analyst', seesPatients: false }));
    assert.equal((await users.list()).length, 1);
    assert.equal((await signIn(world)).outcome, 'signed-in');
  }));

test('failed sign-ins are counted across a restart, and what is kept names nobody', () =>
  withWorld(async (world) => {
    await setUp(world);
    for (let n = 0; n < 6; n += 1) await signIn(world, { password: `wrong ${n}` });
    const restarted = { ...world, accounts: world.again() };
    assert.equal((await signIn(restarted)).outcome, 'wait');
    world.clock.advance(16 * 60_000);
    assert.equal((await signIn(restarted)).outcome, 'signed-in');
    const afterwards = { ...world, accounts: world.again() };
    for (let n = 0; n < 5; n += 1) assert.equal((await signIn(afterwards, { password: 'wrong' })).outcome, 'refused');
    assert.equal((await signIn(afterwards)).outcome, 'wait', 'success cleared the count, and five more are too many');
    world.clock.advance(2 * 3_600_000);
    await afterwards.accounts.sweep();
    assert.equal((await signIn({ ...world, accounts: world.again() })).outcome, 'signed-in');
  }));

test('a clock that was a year ahead leaves no session, link or used code behind that outlives its time', () =>
  withWorld(async (world) => {
    const { clock, accounts } = world;
    const year = 365 * 86_400_000;
    clock.advance(year);
    const link = await accounts.setup.issue();
    clock.advance(-year);
    assert.equal(await accounts.setup.isGood(link?.token ?? ''), false);
    await setUp(world);
    clock.advance(year);
    const ahead = signedIn(await signIn(world));
    assert.notEqual(await accounts.session(ahead.cookie), null);
    clock.advance(-year);
    assert.equal(await accounts.session(ahead.cookie), null);
    // An hour or two, as daylight saving or a wrong zone makes them, sign nobody out.
    const now = signedIn(await signIn(world));
    clock.advance(-2 * 3_600_000);
    assert.notEqual(await accounts.session(now.cookie), null);
  }));
