import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OcsfEvent, validateEvent } from '#ingest';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { finding } from './incidents.fixture.ts';
import { openIncidents } from './incidents.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { IncidentsTables } from './store-tables.ts';

const NOW = Date.UTC(2026, 10, 24, 3);
type Event = Readonly<Record<string, unknown>>;

async function opened() {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const recorded: Event[] = [];
  const ways = { full: false };
  const record = async (event: Event): Promise<void> => {
    if (ways.full) throw new Error('the disk is full');
    recorded.push(event);
  };
  const clock = new ManualClock(NOW);
  const incidents = openIncidents({ state, clock, random: systemRandom, log: silentLog, zone: () => 'UTC', record });
  await incidents.accept(finding({ user: 'a', patient: 'MRN-1' }));
  await incidents.accept(finding({ rule: 'r2', user: 'b' }));
  const [second, first] = (await incidents.list({ limit: 2 })).items;
  return { incidents, recorded, ways, first: first?.id ?? '', second: second?.id ?? '' };
}

test('each act of a person is a valid event, without the free text and the patients in it', async () => {
  const { incidents, recorded, first, second } = await opened();
  const secret = 'Jane Roe';
  await incidents.change(first, { state: 'open', assignee: 'ann', title: secret }, 'ann');
  await incidents.note(first, secret, 'ann');
  await incidents.merge(first, [second], 'ann');
  const { items } = await incidents.findings({ incident: first, limit: 10 });
  await incidents.split(first, [items[0]?.index ?? 0], 'ann');
  const entities = [
    { kind: 'user' as const, name: 'a' },
    { kind: 'patient' as const, name: 'MRN-1' },
  ];
  const request = { ruleId: 'r1', entities, reason: secret, expiresMs: NOW + 86_400_000 };
  const { id } = await incidents.suppress(first, request, 'ann');
  await incidents.unsuppress(id, 'ann');
  assert.deepEqual(
    recorded.map((event) => [event['class_uid'], event['activity_id'], event['message']]),
    [
      [2005, 2, 'INC-1: state: open, assigned to ann, the title was changed'],
      [2005, 2, 'INC-1: a note was written'],
      [2005, 2, 'INC-1: INC-2 was merged into it'],
      [2005, 2, 'INC-1: a finding was split off'],
      [3004, 1, 'suppression of findings made'],
      [2005, 3, 'INC-1: state: closed, verdict: false-positive'],
      [3004, 4, 'suppression of findings ended'],
    ],
  );
  for (const event of recorded)
    assert.deepEqual(validateEvent(event as unknown as OcsfEvent), [], String(event['message']));
  const all = JSON.stringify(recorded);
  assert.doesNotMatch(all, /Jane|MRN-1/);
  assert.match(all, /"name":"ann"/);
});

test('what cannot be recorded is not done', async () => {
  const { incidents, recorded, ways, first, second } = await opened();
  ways.full = true;
  await assert.rejects(incidents.change(first, { state: 'closed' }, 'ann'), /disk is full/);
  await assert.rejects(incidents.note(first, 'x', 'ann'), /disk is full/);
  await assert.rejects(incidents.merge(first, [second], 'ann'), /disk is full/);
  ways.full = false;
  const incident = await incidents.get(first);
  assert.deepEqual([incident?.state, incident?.notes.length, incident?.findings, recorded.length], ['new', 0, 1, 0]);
  assert.equal((await incidents.change(first, { state: 'closed' }, 'ann')).state, 'closed');
});

test('a severity set by hand stays until it is taken back, and then follows the findings again', async () => {
  const { incidents, recorded, first } = await opened();
  const before = await incidents.get(first);
  assert.deepEqual([before?.severity, before?.isSeverityFixed], ['high', false]);
  const set = await incidents.change(first, { severity: 'low' }, 'ann');
  assert.deepEqual([set.severity, set.isSeverityFixed, set.severityWhy], ['low', true, 'It was set by hand.']);
  await incidents.accept(finding({ rule: 'r3', level: 'critical', user: 'a' }));
  assert.equal((await incidents.get(first))?.severity, 'low');
  const back = await incidents.change(first, { severity: null }, 'ann');
  assert.deepEqual([back.severity, back.isSeverityFixed], ['critical', false]);
  assert.deepEqual(
    [recorded.at(-1)?.['severity_id'], recorded.at(-1)?.['message']],
    [5, 'INC-1: severity follows the findings again'],
  );
});
