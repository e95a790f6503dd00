import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type CompiledQuery, sql } from 'kysely';
import { LEVELS } from '#detect/sigma';
import { openDatabase } from '#kernel/database';
import { byForm } from '../../../test/support/shared.ts';
import { IncidentLists, findingSelect, incidentSelect } from './store-lists.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import { FINDING_KEYS, type FindingSort, INCIDENT_KEYS, type IncidentSort } from './store-order.ts';
import type { Database, IncidentRow, IncidentsTables } from './store-tables.ts';

const STATES = ['new', 'open', 'contained', 'closed'] as const;
const INCIDENT_SORTS: IncidentSort[] = INCIDENT_KEYS.flatMap((key) => [key, `-${key}` as const]);
const FINDING_SORTS: FindingSort[] = FINDING_KEYS.flatMap((key) => [key, `-${key}` as const]);
/** Between two pages at most so many changes come. */
const CHANGES_MAX = 6;

const opened = () => openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);

function rowOf(number: number, last: number, severity: number, state: number): IncidentRow {
  return {
    id: `i${number}`,
    number,
    title: `Incident ${number}`,
    severity: LEVELS[severity] ?? 'low',
    fixed_title: 0,
    fixed_severity: 0,
    state: STATES[state] ?? 'new',
    verdict: null,
    assignee: null,
    first_ms: 0,
    last_ms: last,
    created_ms: 0,
    findings: 0,
    merged_into: null,
    split_from: null,
    tactics: '[]',
    worst: null,
    vital: null,
    revision: 0,
  };
}

/** A finding as the table has it; few times and levels, so that many are equal. */
interface Found {
  entry: number;
  at_ms: number;
  level: number;
  rule: string;
}

async function addFinding(db: Database, found: Found): Promise<void> {
  const { entry, at_ms: atMs, level, rule } = found;
  const word = LEVELS[level] ?? 'low';
  const head = { index: entry, uid: `u${entry}`, rule: { id: rule, title: rule, level: word, tags: [], author: null } };
  const body = { ...head, firstMs: atMs, atMs, events: [], eventsTotal: 1, match: {}, entities: [], patients: 0 };
  const row = { ...found, first_ms: atMs, incident: null, suppressed_by: null, body: JSON.stringify(body) };
  await db.insertInto('incidents_finding').values(row).execute();
}

/** The order in the plainest way: both numbers of each row, compared one after the other. */
function before(a: readonly [number, number], b: readonly [number, number], isDown: boolean): boolean {
  const order = a[0] - b[0] || a[1] - b[1];
  return isDown ? order > 0 : order < 0;
}

function placeOfIncident(sort: IncidentSort, row: IncidentRow): [number, number] {
  const keys = {
    number: row.number,
    severity: LEVELS.indexOf(row.severity),
    state: STATES.indexOf(row.state),
    last: row.last_ms,
  };
  return [keys[sort.replace('-', '') as keyof typeof keys], row.number];
}

const small = (max: number) => fc.integer({ min: 0, max });

test('incidents come by pages in the order that was asked for, none twice and none left out, while they come and change', async () => {
  const change = fc.record({
    what: fc.constantFrom('new', 'change', 'merge'),
    at: fc.nat(),
    last: small(4),
    severity: small(4),
    state: small(3),
  });
  const property = fc.asyncProperty(
    fc.constantFrom(...INCIDENT_SORTS),
    fc.array(fc.tuple(small(4), small(4), small(3)), { maxLength: 30 }),
    fc.array(fc.array(change, { maxLength: CHANGES_MAX }), { maxLength: 20 }),
    fc.integer({ min: 1, max: 7 }),
    fc.constantFrom(undefined, 'medium' as const),
    fc.constantFrom(undefined, 'unclosed' as const, 'open' as const),
    async (sort, made, changes, limit, severity, state) => {
      const db = await opened();
      const lists = new IncidentLists(db);
      const rows = made.map(([last, level, at], n) => rowOf(n + 1, last, level, at));
      for (const row of rows) await db.insertInto('incidents_incident').values(row).execute();
      const moved = new Set<string>();
      const isDown = sort.startsWith('-');
      const fits = (row: IncidentRow): boolean =>
        row.merged_into === null &&
        (severity === undefined || LEVELS.indexOf(row.severity) >= LEVELS.indexOf(severity)) &&
        (state === undefined || (state === 'unclosed' ? row.state !== 'closed' : row.state === state));
      const expected = (from: [number, number] | null): IncidentRow[] =>
        rows
          .filter((row) => fits(row) && (from === null || before(from, placeOfIncident(sort, row), isDown)))
          .toSorted((a, b) => (before(placeOfIncident(sort, a), placeOfIncident(sort, b), isDown) ? -1 : 1))
          .slice(0, limit);
      const start = rows.filter(fits).map(({ id }) => id);
      const seen: string[] = [];
      let cursor: string | null | undefined;
      let from: [number, number] | null = null;
      for (let page = 0; cursor !== null; page += 1) {
        const asked = { sort, limit, severity, state, before: cursor };
        const given = await lists.incidents(
          Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as never,
        );
        const wanted = expected(from);
        assert.deepEqual(
          given.items.map(({ id }) => id),
          wanted.map(({ id }) => id),
        );
        seen.push(...given.items.map(({ id }) => id));
        const last = wanted.at(-1);
        if (last !== undefined) from = placeOfIncident(sort, last);
        cursor = given.next;
        for (const { what, at, last: lastMs, severity: level, state: to } of changes[page] ?? []) {
          const row = what === 'new' ? undefined : rows[at % Math.max(1, rows.length)];
          if (row === undefined) {
            rows.push(rowOf(rows.length + 1, lastMs, level, to));
            await db.insertInto('incidents_incident').values(rows.at(-1)!).execute();
            continue;
          }
          moved.add(row.id);
          if (what === 'merge') row.merged_into = 'another';
          else Object.assign(row, { last_ms: lastMs, severity: LEVELS[level], state: STATES[to] });
          await db.updateTable('incidents_incident').set(row).where('id', '=', row.id).execute();
        }
      }
      for (const id of start) if (!moved.has(id)) assert.equal(seen.filter((one) => one === id).length, 1, id);
      for (const id of seen) if (!moved.has(id)) assert.equal(seen.filter((one) => one === id).length, 1, id);
      await db.destroy();
    },
  );
  await fc.assert(property, { numRuns: byForm({ quick: 40, ordinary: 60, long: 1_500 }) });
});

test('findings come by pages in the order that was asked for, each once, while new ones come', async () => {
  const found = fc.tuple(small(5), small(4), small(1));
  const property = fc.asyncProperty(
    fc.constantFrom(undefined, ...FINDING_SORTS),
    fc.array(found, { maxLength: 40 }),
    fc.array(fc.array(found, { maxLength: CHANGES_MAX }), { maxLength: 20 }),
    fc.integer({ min: 1, max: 7 }),
    fc.constantFrom(undefined, 'medium' as const),
    fc.constantFrom(undefined, 'r1'),
    async (sort, made, later, limit, level, rule) => {
      const db = await opened();
      const lists = new IncidentLists(db);
      const rows: Found[] = [];
      const add = async ([at, rank, of]: [number, number, number]): Promise<void> => {
        // Event times before 1970 are times, too.
        rows.push({ entry: rows.length + 1, at_ms: (at - 2) * 1_000, level: rank, rule: `r${of}` });
        await addFinding(db, rows.at(-1)!);
      };
      for (const one of made) await add(one);
      const isDown = sort === undefined || sort.startsWith('-');
      const placeOf = (row: Found): [number, number] =>
        sort === undefined ? [row.entry, row.entry] : [sort.endsWith('at') ? row.at_ms : row.level, row.entry];
      const fits = (row: Found): boolean =>
        (level === undefined || row.level >= LEVELS.indexOf(level)) && (rule === undefined || row.rule === rule);
      const start = rows.filter(fits).map(({ entry }) => entry);
      const seen: number[] = [];
      let cursor: string | null | undefined;
      let from: [number, number] | null = null;
      for (let page = 0; cursor !== null; page += 1) {
        const asked = { sort, limit, level, rule, before: cursor };
        const given = await lists.findings(
          Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as never,
        );
        const wanted = rows
          .filter((row) => fits(row) && (from === null || before(from, placeOf(row), isDown)))
          .toSorted((a, b) => (before(placeOf(a), placeOf(b), isDown) ? -1 : 1))
          .slice(0, limit);
        assert.deepEqual(
          given.items.map(({ index }) => index),
          wanted.map(({ entry }) => entry),
        );
        seen.push(...wanted.map(({ entry }) => entry));
        const last = wanted.at(-1);
        if (last !== undefined) from = placeOf(last);
        cursor = given.next;
        for (const one of later[page] ?? []) await add(one);
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(
        start.filter((entry) => !seen.includes(entry)),
        [],
      );
      await db.destroy();
    },
  );
  await fc.assert(property, { numRuns: byForm({ quick: 40, ordinary: 60, long: 1_500 }) });
});

test('an index gives each order, so that no page sorts the table', async () => {
  const db = await opened();
  const plan = async (query: CompiledQuery): Promise<string> => {
    const { rows } = await db.executeQuery<{ detail: string }>({ ...query, sql: `explain query plan ${query.sql}` });
    return rows.map(({ detail }) => detail).join('; ');
  };
  for (const sort of INCIDENT_SORTS)
    for (const cursor of [{}, { before: sort.endsWith('number') ? '7' : '3.7' }])
      for (const filter of [{}, { state: 'unclosed' }, { severity: 'high' }] as const) {
        const text = await plan(incidentSelect(db, { sort, limit: 50, ...cursor, ...filter }).compile());
        assert.doesNotMatch(text, /TEMP B-TREE/, `${sort} ${JSON.stringify({ ...cursor, ...filter })}`);
        assert.match(text, /USING INDEX incidents_incident_(?:by|number)/);
      }
  for (const sort of [undefined, ...FINDING_SORTS])
    for (const cursor of [{}, { before: sort === undefined ? '7' : '3.7' }])
      for (const filter of [{}, { level: 'high' }, ...(sort?.endsWith('level') === true ? [] : [{ rule: 'r1' }])]) {
        const asked = { ...(sort === undefined ? {} : { sort }), limit: 50, ...cursor, ...filter };
        const text = await plan(findingSelect(db, asked as never).compile());
        if (!('rule' in filter && sort === undefined)) assert.doesNotMatch(text, /TEMP B-TREE/, JSON.stringify(asked));
      }
  await db.destroy();
});

test('a cursor that is none leads nowhere', async () => {
  const db = await opened();
  await addFinding(db, { entry: 1, at_ms: 1, level: 1, rule: 'r1' });
  const lists = new IncidentLists(db);
  for (const cursor of ['', 'x', '1.x', '1.2.3', "1' or 1=1 --"])
    for (const sort of [undefined, 'at'] as const)
      assert.deepEqual(
        await lists.findings({ limit: 5, before: cursor, ...(sort === undefined ? {} : { sort }) }),
        { items: [], next: null },
        cursor,
      );
  assert.equal((await sql<{ n: number }>`select count(*) n from incidents_finding`.execute(db)).rows[0]?.n, 1);
  await db.destroy();
});
