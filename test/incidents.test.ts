import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findingsSince } from '#detect/live';
import { DETECT_MIGRATIONS, type DetectTables, detect, loadRules, shippedRulesDir } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables, PatientCounter, ingest } from '#ingest';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { openDatabase, openState } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { INCIDENTS_MIGRATIONS, type Incident, type IncidentsTables, openIncidents } from '#respond/incidents';
import { riversideNight } from '#sample';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-night-'));
after(() => rmSync(base, { recursive: true, force: true }));
const START = Date.UTC(2026, 10, 23, 20);

/** The night of the sample hospital in a ledger, looked at by the shipped rules. */
async function night(): Promise<Ledger> {
  const logs = join(base, 'logs');
  mkdirSync(logs, { recursive: true });
  for (const [name, text] of riversideNight(START)) writeFileSync(join(logs, name), text);
  const dir = join(base, 'data');
  const keyFile = join(base, 'key');
  await createLedger({ dir, keyFile });
  const ledger = await openLedger({ dir, keyFile });
  const migrations = { ...INGEST_MIGRATIONS, ...DETECT_MIGRATIONS };
  const state = await openState<IngestTables & DetectTables>(dir, migrations);
  const ruleSet = await loadRules([shippedRulesDir()], {});
  {
    await using patients = await PatientCounter.open(state, ledger);
    await ingest({ ledger, patients, clock: systemClock, paths: [logs] });
    await detect({ ledger, state, ruleSet, clock: systemClock });
  }
  await state.destroy();
  return ledger;
}

/** Incidents out of nothing but the ledger. */
async function rebuilt(ledger: Ledger): Promise<Incident[]> {
  const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
  const world = { clock: systemClock, random: systemRandom, log: silentLog };
  const incidents = openIncidents({ state, ...world, zone: () => 'UTC' });
  await incidents.acceptAll(findingsSince(ledger, 0));
  const { items } = await incidents.list({ limit: 100 });
  const whole: Incident[] = [];
  for (const { id } of items) whole.push((await incidents.get(id)) ?? assert.fail('an incident of the list is gone'));
  await state.destroy();
  return whole;
}

/** What is the same in each rebuilding: everything but ids and the moment of making. */
function lasting({ id: _id, createdMs: _createdMs, history, ...rest }: Incident) {
  return { ...rest, history: history.map(({ author, text }) => ({ author, text })) };
}

test('a night of the sample hospital becomes few incidents that name the intrusion, the same whenever they are rebuilt', async () => {
  await using ledger = await night();
  const incidents = await rebuilt(ledger);
  assert.ok(incidents.length > 0 && incidents.length <= 5, incidents.map(({ title }) => title).join('; '));
  const chief = incidents.find(({ severity, tactics }) => severity === 'critical' && tactics.includes('impact'));
  assert.ok(chief !== undefined, 'the encryption is an incident of the highest severity');
  const story = incidents.flatMap(({ story }) => story).join(' ');
  assert.match(story, /the password store of rad-ws\d+ was read/);
  for (const { timeline, actions, story, severityWhy, confidence } of incidents) {
    assert.ok(actions.length > 0 && story.length > 0 && severityWhy !== '' && confidence.why !== '');
    const times = timeline.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    for (const { events, finding } of timeline)
      assert.ok(events.length > 0 && [...events, finding].every((index) => index >= 0 && index < ledger.size));
  }
  assert.deepEqual((await rebuilt(ledger)).map(lasting), incidents.map(lasting));
});
