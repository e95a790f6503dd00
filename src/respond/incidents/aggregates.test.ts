import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CompiledQuery } from 'kysely';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { aggregatesOf, refillAll } from './aggregates.fixture.ts';
import { type Made, START, finding, lastIndex } from './incidents.fixture.ts';
import { openIncidents } from './incidents.ts';
import { FINDINGS_TOLD_MAX } from './limits.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { Database, IncidentsTables } from './store-tables.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-aggregates-'));
after(() => rmSync(base, { recursive: true, force: true }));
const HOUR = 3_600_000;

function incidentsOn(state: Database) {
  const clock = new ManualClock(START + 24 * HOUR);
  return openIncidents({ state, clock, random: systemRandom, log: silentLog, zone: () => 'UTC' });
}

const MADE: readonly Made[] = [
  { user: 'a', device: 'd1', level: 'low' },
  { rule: 'r2', user: 'a', ip: '10.0.0.1', tags: ['attack.execution', 'attack.t1059'], atMs: START + HOUR },
  { rule: 'r3', user: 'b', device: 'd2', level: 'critical', tags: ['attack.impact'], patient: 'p1' },
  { rule: 'r4', user: 'b', ip: '10.0.0.1', level: 'medium', atMs: START - HOUR },
  { rule: 'r5', user: 'c', level: 'low' },
  { rule: 'r6', user: 'd', device: 'd9' },
];

test('a file of an older version gets its aggregates from the findings that are there, and goes on as before', async () => {
  const now = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  await Promise.all(MADE.map((made) => incidentsOn(now).accept(finding(made))));
  const [last] = (await incidentsOn(now).list({ limit: 1 })).items;
  await incidentsOn(now).note(last?.id ?? '', 'still here', 'ann');

  const path = join(base, 'old.sqlite');
  const { '0001_incidents': first } = INCIDENTS_MIGRATIONS;
  const old = await openDatabase<IncidentsTables>(path, first === undefined ? {} : { '0001_incidents': first });
  for (const table of ['incident', 'finding', 'entity', 'event', 'note', 'history'] as const) {
    const columns = await old.executeQuery<{ name: string }>(
      CompiledQuery.raw(`select name from pragma_table_info('incidents_${table}')`),
    );
    const names = columns.rows.map(({ name }) => name);
    for (const row of await now.selectFrom(`incidents_${table}`).selectAll().execute()) {
      const values = names.map((name) => (row as Record<string, unknown>)[name]);
      const places = names.map(() => '?').join();
      await old.executeQuery(
        CompiledQuery.raw(`insert into incidents_${table} (${names.join()}) values (${places})`, values),
      );
    }
  }
  await old.destroy();

  const migrated = await openDatabase<IncidentsTables>(path, INCIDENTS_MIGRATIONS);
  assert.deepEqual(await aggregatesOf(migrated), await aggregatesOf(now));
  const next = finding({ rule: 'r7', user: 'c', device: 'd2', atMs: START + 2 * HOUR });
  for (const state of [now, migrated]) await incidentsOn(state).accept(next);
  assert.deepEqual((await aggregatesOf(migrated)).incidents, (await aggregatesOf(now)).incidents);
  assert.equal((await incidentsOn(migrated).get(last?.id ?? ''))?.notes[0]?.text, 'still here');
  await now.destroy();
  await migrated.destroy();
});

test('merging, parting and erasing leave aggregates that say what the findings say', async () => {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const incidents = incidentsOn(state);
  await Promise.all(MADE.map((made) => incidents.accept(finding(made))));
  const [later, sooner] = (await incidents.list({ limit: 2 })).items;
  const merged = await incidents.merge(sooner?.id ?? '', [later?.id ?? ''], 'ann');
  assert.equal(merged.findings, 5);
  await incidents.split(merged.id, [lastIndex(), lastIndex() - 20], 'ann');
  const { items } = await incidents.findings({ limit: 10 });
  await incidents.split(merged.id, [items.at(-2)?.index ?? 0], 'ann');
  await incidents.forget([lastIndex() - 35, lastIndex() - 5]);
  const kept = await aggregatesOf(state);
  assert.equal(kept.incidents.length, 3);
  await refillAll(state);
  assert.deepEqual(await aggregatesOf(state), kept);
  await state.destroy();
});

test('an incident of more findings than are told counts all of them, and tells how it began and where it has come to', async () => {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const incidents = incidentsOn(state);
  const count = FINDINGS_TOLD_MAX + 300;
  const made = Array.from({ length: count }, (_, at) =>
    finding({ rule: `r${at % 3}`, level: 'high', device: 'files01', user: `u${at % 5}`, atMs: START + at * 1_000 }),
  );
  const worst = finding({ rule: 'last', level: 'critical', device: 'files01', atMs: START + count * 1_000 });
  await Promise.all([...made, worst].map((one) => incidents.accept(one)));
  const [one] = (await incidents.list({ limit: 1 })).items;
  const incident = await incidents.get(one?.id ?? '');
  assert.equal(incident?.findings, count + 1);
  assert.deepEqual(incident?.entities[0], { kind: 'device', name: 'files01', count: count + 1 });
  assert.equal(incident?.timeline.length, FINDINGS_TOLD_MAX);
  assert.deepEqual([incident?.timeline[0]?.finding, incident?.timeline.at(-1)?.finding], [made[0]?.index, worst.index]);
  assert.equal(incident?.severity, 'critical');
  await state.destroy();
});

test('a finding that cannot be kept spoils neither its neighbours nor the place to go on from', async () => {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const incidents = incidentsOn(state);
  const [good, bad, later] = [finding({ user: 'a' }), finding({ user: 'b' }), finding({ user: 'c' })];
  await state.executeQuery(
    CompiledQuery.raw(`create trigger refuse before insert on incidents_finding when new.entry = ${bad.index}
      begin select raise(abort, 'refused'); end`),
  );
  const results = await Promise.allSettled([good, bad, later].map((one) => incidents.accept(one)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal((await incidents.list({ limit: 10 })).items.length, 2);
  assert.equal(await incidents.position(), bad.index, 'a restart goes on at the one that is missing');
  await state.destroy();
});
