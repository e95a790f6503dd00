import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type HookPeer, type MailPeer, hookPeer, mailPeer } from './notifier.fixture.ts';
import { type Notifier, openNotifier } from './notifier.ts';
import { NOTIFICATIONS_MIGRATIONS, type NotificationsTables } from './store.ts';
import type { DigestFacts, NotificationSettings, NotifiedIncident } from './types.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-notifications-'));
after(() => rmSync(base, { recursive: true, force: true }));
const HOUR = 3_600_000;
/** 13:13 in Vienna, which is an hour ahead of UTC. */
const START = Date.UTC(2026, 10, 24, 12, 13);

const FACTS: DigestFacts = {
  open: 2,
  bySeverity: { informational: 0, low: 0, medium: 1, high: 1, critical: 0 },
  fresh: [],
  troubles: ['The disk is nearly full.'],
};

function incident(change: Partial<NotifiedIncident> = {}): NotifiedIncident {
  return {
    id: 'i1',
    number: 'INC-1',
    title: 'Password store of a computer was read: rad-ws03',
    severity: 'high',
    state: 'new',
    firstMs: START - HOUR,
    lastMs: START,
    findings: 2,
    tactics: ['credential-access'],
    ...change,
  };
}

type Ways = NotificationSettings['notifications'];

function settings(change: Partial<Ways>): NotificationSettings {
  const none: Ways = { email: null, webhook: null, from: 'high', quiet: null, digestAt: null };
  return { hospital: 'Riverside', zone: 'Europe/Vienna', notifications: { ...none, ...change } };
}

function email({ port }: MailPeer): NonNullable<Ways['email']> {
  return {
    host: '127.0.0.1',
    port,
    secure: false,
    user: '',
    from: 'wardkeep@riverside.example',
    to: ['it@riverside.example'],
  };
}

async function opened({ path = ':memory:', allowLoopback = true }: { path?: string; allowLoopback?: boolean } = {}) {
  const state = await openDatabase<NotificationsTables>(path, NOTIFICATIONS_MIGRATIONS);
  const clock = new ManualClock(START);
  const notifier = openNotifier({
    state,
    clock,
    random: systemRandom,
    log: silentLog,
    digest: async () => FACTS,
    consoleUrl: () => 'https://wardkeep.example/',
    allowLoopback,
  });
  const close = async (): Promise<void> => {
    await notifier[Symbol.asyncDispose]();
    await state.destroy();
  };
  return { state, clock, notifier, close };
}

async function tell(notifier: Notifier, ...incidents: NotifiedIncident[]): Promise<void> {
  for (const one of incidents) notifier.accept({ incident: one });
  await notifier.run();
}

function numbersOf({ posts }: HookPeer): string[] {
  return posts.map(({ body }) => {
    const { incidents } = JSON.parse(body) as { incidents?: { number: string; severity: string }[] };
    return (incidents ?? []).map(({ number, severity }) => `${number} ${severity}`).join();
  });
}

test('an incident is mailed once, and again when it becomes more serious', async () => {
  await using peer = await mailPeer();
  const { notifier, close } = await opened();
  notifier.configure(settings({ email: email(peer) }), () => null);
  await tell(notifier, incident(), incident({ findings: 3 }), incident({ id: 'i2', severity: 'medium' }));
  assert.equal(peer.mails.length, 1);
  const [mail] = peer.mails;
  assert.match(mail?.to.join() ?? '', /it@riverside\.example/);
  assert.match(
    mail?.data ?? '',
    /Subject: \[Wardkeep\] high: Password store of a computer was read: rad-ws03 \(INC-1\)/,
  );
  assert.match(mail?.data ?? '', /from 2026-11-24 12:13 to 2026-11-24 13:13 \(Europe\/Vienna\), 2 findings/);
  assert.match(mail?.data ?? '', /https:\/\/wardkeep\.example\/incidents\/i1/);
  await tell(notifier, incident({ severity: 'critical' }), incident({ severity: 'critical', state: 'open' }));
  assert.equal(peer.mails.length, 2);
  await close();
});

test('a title from log lines makes no header, line or link, and one that a person wrote is not sent', async () => {
  await using peer = await mailPeer();
  const { notifier, close } = await opened();
  notifier.configure(settings({ email: email(peer) }), () => null);
  await tell(notifier, incident({ title: 'x\r\nBcc: evil@evil.example\u202e http://evil.example www.evil.example' }));
  notifier.accept({ incident: incident({ id: 'i2', title: 'Jane Roe, cancer' }), isNamedByHand: true });
  await notifier.run();
  const [mail, named] = peer.mails;
  assert.deepEqual([mail?.to.length, /^bcc:/im.test(mail?.data ?? '')], [1, false]);
  assert.doesNotMatch(mail?.data ?? '', /http:\/\/evil|www\.evil|\u202e/);
  assert.doesNotMatch(named?.data ?? 'Jane', /Jane|cancer/);
  await close();
});

test('a password is never said to a server without TLS', async () => {
  await using peer = await mailPeer();
  const { notifier, close } = await opened();
  notifier.configure(settings({ email: { ...email(peer), user: 'wardkeep' } }), () => 'hunter2-hunter2');
  const { ok, problem } = await notifier.test();
  assert.equal(ok, false);
  assert.match(problem ?? '', /TLS|does not answer|take the message/);
  assert.deepEqual([peer.mails.length, peer.said.filter((line) => /AUTH/i.test(line))], [0, []]);
  await close();
});

test('a webhook is signed over time and body, and keeps its id when it is sent again', async () => {
  await using peer = await hookPeer();
  const { notifier, clock, close } = await opened();
  notifier.configure(settings({ webhook: { url: peer.url } }), () => 'shared secret');
  peer.answer = { status: 503 };
  await tell(notifier, incident());
  assert.match((await notifier.status())[0]?.problem ?? '', /answers with status 503/);
  await notifier.run();
  assert.equal(peer.posts.length, 1, 'not before its pause is over');
  peer.answer = { status: 204 };
  clock.advance(31_000);
  await notifier.run();
  const [failed, kept] = peer.posts;
  assert.equal(kept?.headers['wardkeep-delivery'], failed?.headers['wardkeep-delivery']);
  const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(kept?.headers['wardkeep-signature'])) ?? [];
  const expected = createHmac('sha256', 'shared secret')
    .update(`${seconds ?? ''}.${kept?.body ?? ''}`)
    .digest('hex');
  assert.equal(mac, expected);
  assert.deepEqual(await notifier.status(), [{ channel: 'webhook', waiting: 0, sent: 1, givenUp: 0, problem: null }]);
  await close();
});

test('pauses double up to an hour; after a day a message is given up and counted', async () => {
  await using peer = await hookPeer();
  const { notifier, clock, close } = await opened();
  notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  peer.answer = { status: 500 };
  await tell(notifier, incident());
  for (let minute = 0; minute < 25 * 60; minute += 1) {
    clock.advance(60_000);
    await notifier.run();
  }
  const [status] = await notifier.status();
  assert.deepEqual([status?.waiting, status?.givenUp, status?.sent], [0, 1, 0]);
  assert.ok(peer.posts.length > 25 && peer.posts.length < 35, String(peer.posts.length));
  await close();
});

test('in quiet hours only critical incidents go out; the rest follows in one message, without what was closed', async () => {
  await using peer = await hookPeer();
  const { notifier, clock, close } = await opened();
  clock.set(Date.UTC(2026, 10, 24, 22));
  notifier.configure(settings({ webhook: { url: peer.url }, quiet: { from: '22:00', to: '06:00' } }), () => null);
  const numbered = (at: number, change: Partial<NotifiedIncident> = {}): NotifiedIncident =>
    incident({ id: `i${at}`, number: `INC-${at}`, ...change });
  await tell(notifier, numbered(1), numbered(2), numbered(3), numbered(4, { severity: 'critical' }));
  assert.deepEqual(numbersOf(peer), ['INC-4 critical']);
  await tell(notifier, numbered(2, { state: 'closed' }));
  clock.set(Date.UTC(2026, 10, 25, 4, 59));
  await notifier.run();
  assert.equal(peer.posts.length, 1);
  clock.set(Date.UTC(2026, 10, 25, 5));
  await notifier.run();
  assert.deepEqual(numbersOf(peer), ['INC-4 critical', 'INC-1 high,INC-3 high']);
  await close();
});

test('the digest comes once a local day at its hour, first on the day after, and also when the server was down then', async () => {
  await using peer = await mailPeer();
  const { notifier, clock, close } = await opened();
  notifier.configure(settings({ email: email(peer), digestAt: '07:30' }), () => null);
  await notifier.run();
  assert.equal(peer.mails.length, 0);
  for (let hour = 0; hour < 30; hour += 1) {
    clock.advance(HOUR);
    await notifier.run();
  }
  assert.equal(peer.mails.length, 1);
  assert.match(peer.mails[0]?.data ?? '', /Open incidents: 2 \(1 high, 1 medium\)/);
  assert.match(peer.mails[0]?.data ?? '', /The disk is nearly full/);
  clock.advance(40 * HOUR);
  await notifier.run();
  await notifier.run();
  assert.equal(peer.mails.length, 2);
  await close();
});

test('what waits outlives a crash; ways that are gone are forgotten', async () => {
  await using peer = await hookPeer();
  const path = join(base, 'crash.sqlite');
  const first = await opened({ path });
  peer.answer = { status: 500 };
  first.notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  await tell(first.notifier, incident());
  await first.close();
  const second = await opened({ path });
  peer.answer = { status: 200 };
  second.notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  await tell(second.notifier, incident());
  assert.deepEqual(numbersOf(peer), ['INC-1 high', 'INC-1 high']);
  peer.answer = { status: 500 };
  await tell(second.notifier, incident({ id: 'i9' }));
  second.notifier.configure(settings({}), () => null);
  second.notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  await second.notifier.run();
  assert.equal((await second.notifier.status())[0]?.waiting, 0);
  await second.close();
});

test('a full outbox tells how many found no room', async () => {
  await using peer = await hookPeer();
  const { notifier, clock, close } = await opened();
  notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  peer.answer = { status: 500 };
  await tell(notifier, ...Array.from({ length: 503 }, (_, i) => incident({ id: `n${i}` })));
  assert.equal((await notifier.status())[0]?.waiting, 500);
  peer.answer = { status: 200 };
  clock.advance(2 * HOUR);
  await notifier.run();
  const counts = peer.posts
    .map(({ body }) => JSON.parse(body) as { incidents: unknown[]; leftOut: number })
    .slice(-10)
    .map(({ incidents, leftOut }) => [incidents.length, leftOut]);
  assert.deepEqual(counts, [[50, 3], ...Array.from({ length: 9 }, () => [50, 0])]);
  await close();
});

test('a test message says what is wrong, in words', async () => {
  await using peer = await hookPeer();
  const { notifier, close } = await opened();
  assert.deepEqual(await notifier.test(), { ok: false, problem: 'neither e-mail nor a webhook is set up' });
  notifier.configure(settings({ webhook: { url: peer.url } }), () => null);
  assert.deepEqual(await notifier.test(), { ok: true, problem: null });
  peer.answer = { status: 307, location: 'http://127.0.0.1:1/' };
  assert.match((await notifier.test()).problem ?? '', /status 307; redirects are not followed/);
  await close();
  const strict = await opened({ allowLoopback: false });
  for (const url of [
    peer.url,
    peer.url.replace('127.0.0.1', 'localhost'),
    peer.url.replace('127.0.0.1', '2130706433'),
  ]) {
    strict.notifier.configure(settings({ webhook: { url } }), () => null);
    assert.match((await strict.notifier.test()).problem ?? '', /leads to this machine/, url);
  }
  assert.equal(peer.posts.length, 2);
  await strict.close();
});
