import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type Made, START, finding, lastIndex } from './incidents.fixture.ts';
import { type Incidents, openIncidents } from './incidents.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { IncidentsTables } from './store-tables.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function opened() {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const clock = new ManualClock(START + DAY);
  const options = { state, clock, random: systemRandom, log: silentLog, zone: () => 'UTC' };
  return { clock, state, incidents: openIncidents(options), again: () => openIncidents(options) };
}

async function take(incidents: Incidents, ...made: Made[]): Promise<void> {
  for (const one of made) await incidents.accept(finding(one));
}

async function numbers(incidents: Incidents): Promise<string[]> {
  return (await incidents.list({ limit: 100 })).items.map(({ number, findings }) => `${number}:${findings}`);
}

test('findings about the same person or device within their time are one incident, others are not', async () => {
  const { incidents } = await opened();
  await take(
    incidents,
    { user: String.raw`RIVERSIDE\P.Gruber`, device: 'files01.riverside.example' },
    { rule: 'r2', user: 'p.gruber@riverside.example', atMs: START + HOUR },
    { rule: 'r3', device: 'FILES01', atMs: START + 13 * DAY },
    { rule: 'r4', device: 'other' },
    { rule: 'r5', device: 'files01', atMs: START + 40 * DAY },
  );
  assert.deepEqual(await numbers(incidents), ['INC-3:1', 'INC-2:1', 'INC-1:3']);
});

test('a finding that connects two incidents makes them one, under the older number', async () => {
  const { incidents } = await opened();
  await take(incidents, { user: 'a' }, { rule: 'r2', device: 'b' }, { rule: 'r3', user: 'a', device: 'b' });
  const [one, ...others] = (await incidents.list({ limit: 10 })).items;
  assert.equal(others.length, 0);
  const incident = await incidents.get(one?.id ?? '');
  assert.deepEqual([incident?.number, incident?.findings, incident?.mergedFrom], ['INC-1', 3, ['INC-2']]);
});

test('accounts and addresses that stand for nobody tie nothing together', async () => {
  const { incidents } = await opened();
  await take(
    incidents,
    { user: 'SYSTEM', ip: '127.0.0.1', device: 'a' },
    { rule: 'r2', user: String.raw`NT AUTHORITY\SYSTEM`, ip: '::1', device: 'b' },
    { rule: 'r3', user: 'PC07$', device: 'c' },
    { rule: 'r4', user: 'pc07$', device: 'd' },
  );
  assert.equal((await numbers(incidents)).length, 4);
});

test('a device on which many people were found, like a domain controller, ties no further ones', async () => {
  const { incidents } = await opened();
  for (let i = 0; i < 8; i += 1) await take(incidents, { rule: `x${i}`, device: 'dc01', user: `u${i}` });
  assert.deepEqual(await numbers(incidents), ['INC-1:8']);
  await take(incidents, { rule: 'y', device: 'dc01', user: 'fresh' }, { rule: 'z', device: 'dc01', user: 'u3' });
  assert.deepEqual(await numbers(incidents), ['INC-2:1', 'INC-1:9']);
});

test('many viewers of one record do not tie together what else each of them did', async () => {
  const { incidents } = await opened();
  const viewers = finding({ patient: 'p1' });
  const events = Array.from({ length: 7 }, (_, i) => ({
    index: i,
    event: { actor: { user: { name: `n${i}` } }, patient: { uid: 'p1' } },
  }));
  await incidents.accept({ ...viewers, events });
  await take(incidents, { rule: 'r2', user: 'n3' });
  assert.deepEqual(await numbers(incidents), ['INC-2:1', 'INC-1:1']);
});

test('what a person took apart, no finding puts together again', async () => {
  const { incidents } = await opened();
  await take(incidents, { user: 'a', device: 'd' }, { rule: 'r2', user: 'a', device: 'e' });
  const [one] = (await incidents.list({ limit: 1 })).items;
  await incidents.split(one?.id ?? '', [lastIndex()], 'ann');
  await take(incidents, { rule: 'r3', user: 'a' });
  assert.deepEqual(await numbers(incidents), ['INC-2:1', 'INC-1:2']);
});

test('low findings wait, and come along with a serious one about the same person', async () => {
  const { incidents } = await opened();
  await take(incidents, { level: 'low', user: 'a' }, { level: 'informational', user: 'b' });
  assert.deepEqual(await numbers(incidents), []);
  await take(incidents, { rule: 'r2', user: 'a', atMs: START + HOUR });
  assert.deepEqual(await numbers(incidents), ['INC-1:2']);
});

test('the same spreading rule on other computers within an hour is one outbreak', async () => {
  const { incidents } = await opened();
  const tags = ['attack.impact', 'attack.t1486'];
  await take(
    incidents,
    { tags, device: 'pc1' },
    { tags, device: 'pc2', atMs: START + HOUR / 2 },
    { tags, device: 'pc9', atMs: START + 5 * HOUR },
  );
  assert.deepEqual(await numbers(incidents), ['INC-2:1', 'INC-1:2']);
});

test('severity rises with a chain of tactics, and says why; what a person sets stays', async () => {
  const { incidents } = await opened();
  await take(
    incidents,
    { rule: 'a', user: 'x', tags: ['attack.initial-access'] },
    { rule: 'b', user: 'x', tags: ['attack.credential-access', 'attack.t1003'] },
  );
  const [{ id, severity } = { id: '', severity: '' }] = (await incidents.list({ limit: 1 })).items;
  assert.equal(severity, 'high');
  await take(incidents, { rule: 'c', user: 'x', tags: ['attack.impact', 'attack.t1486'] });
  const incident = await incidents.get(id);
  assert.equal(incident?.severity, 'critical');
  assert.match(incident.severityWhy, /3 tactics form a chain/);
  assert.deepEqual(incident.tactics, ['initial-access', 'credential-access', 'impact']);
  assert.equal(incident.confidence.level, 'high');
  await incidents.change(id, { severity: 'low', title: 'Mine' }, 'ann');
  await take(incidents, { rule: 'd', user: 'x', level: 'critical' });
  const after = await incidents.get(id);
  assert.deepEqual([after?.severity, after?.title], ['low', 'Mine']);
});

test('the story tells in order, in the zone of the hospital, and counts what repeats', async () => {
  const { incidents } = await opened();
  const dump = { tags: ['attack.credential-access', 'attack.t1003.001'], device: 'rad-ws03', user: 'ext-v' };
  await take(incidents, { ...dump, rule: 'b', atMs: START }, { ...dump, rule: 'b', atMs: START + 60_000 });
  await take(incidents, {
    rule: 'c',
    tags: ['attack.impact', 'attack.t1486'],
    device: 'rad-ws03',
    atMs: START + 8 * HOUR,
  });
  const [one] = (await incidents.list({ limit: 1 })).items;
  const incident = await incidents.get(one?.id ?? '');
  assert.deepEqual(incident?.story, [
    'On 24 November at 02:13 the password store of rad-ws03 was read by the account ext-v (2 times, until 02:14).',
    'On 24 November at 10:13 files on rad-ws03 were encrypted in large numbers.',
  ]);
  assert.match(incident.actions[0]?.text ?? '', /Pull the network cable of rad-ws03/);
  assert.match(incident.actions[0]?.why ?? '', /attached to a patient/);
  assert.deepEqual(incident.timeline.map(({ finding }) => finding).length, 3);
});

test('the same finding twice is one, also after a restart', async () => {
  const { incidents, again } = await opened();
  const one = finding({ user: 'a' });
  await incidents.accept(one);
  await again().accept(one);
  assert.deepEqual(await numbers(incidents), ['INC-1:1']);
  assert.equal(await incidents.position(), one.index + 1);
});

test('the place of a restart passes what holds no findings, and never one that waits', async () => {
  const { incidents, again } = await opened();
  const one = finding({ user: 'a' });
  const taken = incidents.accept(one);
  const waiting = incidents.passed(one.index + 500);
  await waiting;
  assert.ok((await incidents.position()) <= one.index + 1, 'it waits, or it is kept');
  await taken;
  await incidents.passed(one.index + 500);
  assert.equal(await again().position(), one.index + 500);
  await incidents.passed(one.index);
  assert.equal(await incidents.position(), one.index + 500, 'it never goes back');
});

test('states, notes and assignments are kept with who and when; nonsense is refused', async () => {
  const { incidents } = await opened();
  await take(incidents, { user: 'a' });
  const [{ id } = { id: '' }] = (await incidents.list({ limit: 1 })).items;
  await incidents.change(id, { state: 'open', assignee: 'ann' }, 'ann');
  const incident = await incidents.note(id, 'called the ward', 'ann');
  assert.deepEqual(
    incident.notes.map(({ author, text }) => [author, text]),
    [['ann', 'called the ward']],
  );
  assert.deepEqual(
    incident.history.map(({ text }) => text),
    ['state: open', 'assigned to ann'],
  );
  await assert.rejects(incidents.note(id, '  ', 'ann'), { code: 'bad_change' });
  await assert.rejects(incidents.change(id, { title: ' ' }, 'ann'), { code: 'bad_change' });
  await assert.rejects(incidents.merge(id, [id], 'ann'), { code: 'bad_change' });
  await assert.rejects(incidents.change('none', {}, 'ann'), { code: 'no_such_incident' });
});

test("merge and split are each other's way back", async () => {
  const { incidents } = await opened();
  await take(incidents, { user: 'a' }, { rule: 'r2', user: 'b' });
  const second = lastIndex();
  const [b, a] = (await incidents.list({ limit: 10 })).items;
  await incidents.merge(a?.id ?? '', [b?.id ?? ''], 'ann');
  assert.deepEqual(await numbers(incidents), ['INC-1:2']);
  await incidents.split(a?.id ?? '', [second], 'ann');
  assert.deepEqual(await numbers(incidents), ['INC-3:1', 'INC-1:1']);
});

test('a suppression shows what it would have hidden, hides the like, says how often, and ends', async () => {
  const { incidents, clock } = await opened();
  await take(incidents, { user: 'scanner', ip: '10.0.0.9' }, { user: 'other', ip: '10.0.0.8' });
  const { items } = await incidents.list({ q: '10.0.0.9', limit: 10 });
  assert.equal(items.length, 1);
  const request = {
    ruleId: 'r1',
    entities: [{ kind: 'address' as const, name: '10.0.0.9' }],
    reason: 'our scanner',
    expiresMs: clock.nowMs() + 30 * DAY,
  };
  const preview = await incidents.suppressPreview(items[0]?.id ?? '', request);
  assert.deepEqual([preview.hidden, preview.truePositives], [1, 0]);
  const { id } = await incidents.suppress(items[0]?.id ?? '', request, 'ann');
  await take(incidents, { user: 'scanner', ip: '10.0.0.9' });
  assert.equal((await incidents.suppressions())[0]?.hiddenSoFar, 1);
  assert.equal((await incidents.list({ state: 'unclosed', limit: 10 })).items.length, 1);
  assert.equal((await incidents.findings({ limit: 1 })).items[0]?.suppressedBy, id);
  clock.advance(31 * DAY);
  await take(incidents, { user: 'scanner', ip: '10.0.0.9' });
  assert.equal((await incidents.list({ state: 'unclosed', limit: 10 })).items.length, 2);
  await assert.rejects(
    incidents.suppress(items[0]?.id ?? '', { ...request, expiresMs: clock.nowMs() + 91 * DAY }, 'ann'),
    {
      code: 'bad_change',
    },
  );
  await assert.rejects(incidents.suppress(items[0]?.id ?? '', { ...request, entities: [] }, 'ann'), {
    code: 'bad_change',
  });
});

test('pages of findings and incidents join without gap or double', async () => {
  const { incidents } = await opened();
  for (let i = 0; i < 25; i += 1) await take(incidents, { user: `u${i}` });
  const seen: string[] = [];
  for (let before: string | undefined = undefined; ;) {
    const page: { items: { number: string }[]; next: string | null } = await incidents.list({
      limit: 10,
      ...(before === undefined ? {} : { before }),
    });
    seen.push(...page.items.map(({ number }) => number));
    if (page.next === null) break;
    before = page.next;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `INC-${25 - i}`),
  );
  const first = await incidents.findings({ limit: 20 });
  const rest = await incidents.findings({ limit: 20, before: first.next ?? '' });
  assert.deepEqual([first.items.length, rest.items.length, rest.next], [20, 5, null]);
});

test('what is erased leaves no value, name or title behind; rule, time and what people wrote stay', async () => {
  const { incidents, state } = await opened();
  await take(incidents, { user: 'evelyn', level: 'high' }, { rule: 'r2', device: 'ws-evelyn' });
  await take(incidents, { rule: 'r3', user: 'evelyn', device: 'ws-evelyn', level: 'low' });
  const [one] = (await incidents.list({ limit: 10 })).items;
  await incidents.note(one?.id ?? '', 'I called her', 'ada');
  const events = (await incidents.findings({ limit: 10 })).items.flatMap((kept) => kept.events);
  assert.equal(await incidents.forget([events[0] ?? -1]), 1);
  assert.ok((await incidents.get(one?.id ?? ''))?.entities.some(({ name }) => name === 'evelyn'));
  const entries = (await incidents.findings({ limit: 10 })).items.map((kept) => kept.index);
  assert.equal(await incidents.forget([...events, ...entries]), 3);
  for (const table of ['finding', 'entity', 'event', 'incident', 'history', 'note'] as const) {
    const rows = await state.selectFrom(`incidents_${table}`).selectAll().execute();
    assert.doesNotMatch(JSON.stringify(rows), /evelyn|"value"/, table);
  }
  const incident = await incidents.get(one?.id ?? '');
  assert.deepEqual(
    [incident?.title, incident?.severity, incident?.findings, incident?.notes.length, incident?.mergedFrom],
    ['Rule r1', 'high', 3, 1, ['INC-2']],
  );
  assert.equal(await incidents.forget([...events, ...entries]), 3, 'again, and nothing more changes');
});
