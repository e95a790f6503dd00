import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { silentLog, systemClock } from '#kernel';
import { openState } from '#kernel/database';
import { createLedger } from '#ledger';
import { openData } from '../data.ts';
import { isDerived } from './carry-over.ts';
import { checkUpgrade } from './formats.ts';
import { STATE_MIGRATIONS } from './steps.ts';
import { upgradeData } from './upgrade.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-upgrade-'));
after(() => rmSync(base, { recursive: true, force: true }));
/** In the order in which they run. */
const STEPS = Object.keys(STATE_MIGRATIONS).toSorted();

/** A step may read these. */
const BODIES = new Map([
  [
    'incidents_finding body',
    JSON.stringify({
      index: 1,
      uid: 'u',
      rule: { id: 'r', title: 'Rule', level: 'high', tags: ['attack.impact'], author: null },
      firstMs: 1,
      atMs: 1,
      events: [1],
      eventsTotal: 1,
      match: {},
      entities: [{ kind: 'user', name: 'ada' }],
      patients: [],
    }),
  ],
  ['incidents_incident severity', 'high'],
  ['incidents_incident state', 'new'],
  ['incidents_entity kind', 'user'],
]);

interface Place {
  dir: string;
  keyFile: string;
}

/** A data directory as it was when there were only the first `count` steps, with a row in every table. */
async function directoryOf(count: number): Promise<Place> {
  const home = mkdtempSync(join(base, `as-of-${count}-`));
  const place = { dir: join(home, 'data'), keyFile: join(home, 'key') };
  await createLedger(place);
  const some = Object.fromEntries(
    STEPS.slice(0, count).map((name) => [name, STATE_MIGRATIONS[name] ?? { up: async () => undefined }]),
  );
  await (await openState(place.dir, some)).destroy();
  const database = new DatabaseSync(join(place.dir, 'state.sqlite'));
  // One table may point to another that is filled later.
  database.exec('PRAGMA foreign_keys = OFF');
  for (const table of tablesOf(database)) {
    const columns = database.prepare('SELECT name, type FROM pragma_table_info(?)').all(table);
    const values = columns.map(
      ({ name, type }) =>
        BODIES.get(`${table} ${String(name)}`) ?? (type === 'integer' ? 1 : type === 'blob' ? Buffer.from('1') : '1'),
    );
    database.prepare(`INSERT INTO "${table}" VALUES (${values.map(() => '?').join()})`).run(...values);
  }
  database.close();
  return place;
}

function tablesOf(database: DatabaseSync): string[] {
  return database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !/^(?:kysely|sqlite)_/.test(name));
}

/** What people set: each such table's rows, by the columns that it had. */
function rowsOf(path: string, like?: Map<string, Record<string, unknown>[]>): Map<string, Record<string, unknown>[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = new Map<string, Record<string, unknown>[]>();
  for (const table of tablesOf(database)) {
    if (isDerived(table) || (like !== undefined && !like.has(table))) continue;
    const columns = Object.keys(like?.get(table)?.[0] ?? {});
    const list = columns.length === 0 ? '*' : columns.map((name) => `"${name}"`).join();
    rows.set(table, database.prepare(`SELECT ${list} FROM "${table}"`).all());
  }
  database.close();
  return rows;
}

for (let count = 1; count < STEPS.length; count += 1)
  test(`a directory of before ${STEPS[count]} is brought up to date, and nothing that people set is lost`, async () => {
    const place = await directoryOf(count);
    const path = join(place.dir, 'state.sqlite');
    const before = rowsOf(path);
    const check = checkUpgrade(place.dir, systemClock);
    assert.deepEqual(check.steps.toSorted(), STEPS.slice(count).toSorted());
    assert.deepEqual(check.hindrances, []);
    assert.deepEqual(rowsOf(path), before, 'looking changes nothing');
    const { steps, kept, rows } = await upgradeData({ ...place, clock: systemClock });
    assert.equal(steps.length, STEPS.length - count);
    assert.deepEqual(rowsOf(path, before), before);
    for (const { before: had, after: has } of Object.values(rows)) assert.ok(has >= had);
    assert.deepEqual(rowsOf(join(place.dir, kept ?? '')), before, 'the old one is kept as it was');
    assert.equal(statSync(path).mode & 0o077, 0);
    assert.equal(
      (await upgradeData({ ...place, clock: systemClock })).kept,
      null,
      'the second time nothing is to be done',
    );
    await using opened = await openData({ ...place, clock: systemClock, log: silentLog });
    assert.equal(opened.migrated, null);
  });

test('the server keeps a copy before it brings an older state up to date, and says so', async () => {
  const place = await directoryOf(STEPS.indexOf('0002_ingest_patients_keyed'));
  const before = rowsOf(join(place.dir, 'state.sqlite'));
  await using opened = await openData({ ...place, clock: systemClock, log: silentLog });
  assert.ok(opened.migrated !== null);
  assert.deepEqual(rowsOf(join(place.dir, opened.migrated.kept)), before);
  assert.equal(opened.isNew, false);
});

test('what a newer version wrote is refused with words and stays as it is', async () => {
  const place = await directoryOf(STEPS.length);
  const path = join(place.dir, 'state.sqlite');
  const database = new DatabaseSync(path);
  database.prepare('INSERT INTO kysely_migration VALUES (?, ?)').run('0099_incidents_of_tomorrow', 'now');
  database.close();
  const check = checkUpgrade(place.dir, systemClock);
  assert.match(check.hindrances.join(), /newer Wardkeep \(0099_incidents_of_tomorrow\)/);
  await assert.rejects(upgradeData({ ...place, clock: systemClock }), { code: 'not_upgradable' });
  await assert.rejects(openData({ ...place, clock: systemClock, log: silentLog }), { code: 'newer_format' });
  writeFileSync(join(place.dir, 'ledger', 'ledger.json'), '{"format": 2}');
  assert.match(checkUpgrade(place.dir, systemClock).hindrances.join(), /format 2; this version knows 1/);
  assert.deepEqual(
    readdirSync(place.dir).filter((name) => name.startsWith('state-')),
    [],
  );
});

test('a damaged state, a wrong configuration and a missing ledger stand in the way, each with words', async () => {
  const place = await directoryOf(2);
  writeFileSync(join(place.dir, 'wardkeep.json'), '{"zones": 1}');
  assert.match(checkUpgrade(place.dir, systemClock).hindrances.join(), /zones/);
  writeFileSync(join(place.dir, 'state.sqlite'), 'no database'.repeat(1_000));
  assert.match(checkUpgrade(place.dir, systemClock).hindrances.join(), /wardkeep rebuild state/);
  const nowhere = checkUpgrade(join(base, 'nowhere'), systemClock);
  assert.match(nowhere.hindrances.join(), /there is no ledger/);
  assert.equal(existsSync(join(base, 'nowhere')), false);
});
