import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { byForm } from '../../test/support/shared.ts';
import type { Archive, EventQuery } from './types.ts';
import {
  DAY,
  FakeLedger,
  HOUR,
  type Made,
  NOW,
  eventOf,
  openOver,
  patientOf,
  temporaryDirectory,
} from './support.fixture.ts';

const cleanUps: (() => void)[] = [];
const ledger = new FakeLedger();
const made: Made[] = [];
let dir: string;
let archive: Archive;

/** Several days, of which the clock goes back once; sealed in parts, some merged, the last part live. */
before(async () => {
  dir = temporaryDirectory({ after: (done) => cleanUps.push(done) });
  archive = await openOver(ledger, dir, NOW + 3 * DAY);
  for (const [part, day] of [0, 1, -1, 1, 1, 2, 3].entries()) {
    const batch = Array.from({ length: 90 }, (_one, n) =>
      eventOf(part * 90 + n, NOW + day * DAY + (n % 50) * HOUR * 0.1),
    );
    made.push(...batch);
    for (let n = 0; n < batch.length; n += 30) archive.accept(ledger.append(batch.slice(n, n + 30)));
    if (part < 6) await archive.seal();
  }
  await archive.settled();
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  for (const done of cleanUps) done();
});

/** What a query must give, by looking at every event. */
function naive(query: EventQuery): number[] {
  const at = (event: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], event);
  const fits = ({ event }: Made, index: number): boolean => {
    const said = (...paths: string[]): string[] =>
      paths.map((path) => at(event, path)).filter((one) => typeof one === 'string');
    const time = Number(event['time']);
    const { sinceMs, untilMs, classUid, user, patient, ip, device, text, before } = query;
    const { sourceId, severityMin, outcome, indexes } = query;
    if (sinceMs !== undefined && time < sinceMs) return false;
    if (untilMs !== undefined && time >= untilMs) return false;
    if (classUid !== undefined && event['class_uid'] !== classUid) return false;
    const labels = at(event, 'metadata.labels') as string[] | undefined;
    if (sourceId !== undefined && labels?.includes(`source:${sourceId}`) !== true) return false;
    if (severityMin !== undefined && Number(event['severity_id'] ?? 0) < severityMin) return false;
    if (outcome !== undefined && event['status_id'] !== (outcome === 'success' ? 1 : 2)) return false;
    if (indexes !== undefined && !indexes.includes(index)) return false;
    if (before !== undefined && index >= before) return false;
    if (
      user !== undefined &&
      !said('user.name', 'actor.user.name', 'actor.user.uid').some((one) => one.toLowerCase() === user.toLowerCase())
    )
      return false;
    if (patient !== undefined && !said('patient.uid').some((one) => one === patient || one.endsWith(`|${patient}`)))
      return false;
    if (ip !== undefined && !said('src_endpoint.ip', 'dst_endpoint.ip').includes(ip)) return false;
    if (device !== undefined && !said('device.hostname').some((one) => one.toLowerCase() === device.toLowerCase()))
      return false;
    return text === undefined || JSON.stringify(event).toLowerCase().includes(text.toLowerCase());
  };
  const indexes = made.flatMap((one, index) => (fits(one, index) ? [index] : []));
  return indexes.toReversed().slice(0, query.limit);
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });

const queries: fc.Arbitrary<EventQuery> = fc
  .record({
    sinceMs: optional(fc.integer({ min: -30, max: 100 }).map((hours) => NOW + hours * HOUR)),
    untilMs: optional(fc.integer({ min: -30, max: 100 }).map((hours) => NOW + hours * HOUR)),
    classUid: optional(fc.constantFrom(6005, 3002, 4001, 2004, 9)),
    user: optional(fc.constantFrom('a.meyer', 'B.OSEI', 'u-a.meyer', 'nobody')),
    patient: optional(fc.nat(41).chain((n) => fc.constantFrom(patientOf(n), `P${1000 + n}`))),
    ip: optional(fc.nat(25).chain((n) => fc.constantFrom(`10.0.0.${n}`, `192.0.2.${n}`))),
    device: optional(fc.constantFrom('pc-3', 'PC-8', 'PC-99')),
    sourceId: optional(fc.constantFrom('made-up', 'made-up', 'another')),
    severityMin: optional(fc.integer({ min: 1, max: 5 })),
    outcome: optional(fc.constantFrom('success' as const, 'failure' as const)),
    indexes: optional(fc.array(fc.nat(700), { maxLength: 400 })),
    text: optional(fc.constantFrom('CHART', 'host7', "it's", '%', 'echo 4')),
    before: optional(fc.nat(700)),
    limit: fc.constantFrom(1, 10, 1_000),
  })
  .map(
    (query) =>
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as unknown as EventQuery,
  );

test('a look-up gives what looking at every event gives', async () => {
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      const rows = await archive.events(query);
      assert.deepEqual(
        rows.map(({ index }) => index),
        naive(query),
      );
    }),
    { numRuns: byForm({ quick: 25, ordinary: 150, long: 1_500 }) },
  );
});

test('a row says what a list needs', async () => {
  const [row] = await archive.events({ limit: 1, classUid: 3002 });
  const index = made.length - 5;
  assert.deepEqual(row, {
    index,
    atMs: made[index]?.event['time'],
    receivedMs: Math.floor((made[index - (index % 30)]?.receivedMs ?? 0) / 60_000) * 60_000,
    classUid: 3002,
    severity: 1 + (index % 4),
    text: `authentication · ${row?.user} · from ${row?.address}`,
    user: row?.user,
    device: `PC-${index % 9}`,
    address: `10.0.0.${index % 20}`,
    patient: null,
    sourceId: 'made-up',
  });
});

test('files of a day that has ended are merged, and each entry is there once', async () => {
  const perDay = readdirSync(join(dir, 'archive'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  );
  assert.equal(
    new Set(perDay.map((name) => name.replace(/-\d+-\d+\.parquet$/, ''))).size,
    perDay.length,
    perDay.join(),
  );
  const { rows } = await archive.hunt('SELECT count(*), count(DISTINCT "index") FROM events', {
    limit: 1,
    seesPatients: true,
  });
  assert.deepEqual(rows, [[made.length, made.length]]);
});

test('a look-up does without an index that is gone or damaged', async () => {
  const indexes = readdirSync(join(dir, 'archive'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.sqlite'),
  );
  assert.ok(indexes.length > 2);
  for (const [n, name] of indexes.entries()) {
    if (n % 2 === 0) rmSync(join(dir, 'archive', name));
    else writeFileSync(join(dir, 'archive', name), 'no database, and long enough to be looked at'.repeat(30));
  }
  const query = { patient: patientOf(6), limit: 1_000 };
  assert.deepEqual(
    (await archive.events(query)).map(({ index }) => index),
    naive(query),
  );
});
