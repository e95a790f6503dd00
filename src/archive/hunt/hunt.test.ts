import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Archive, ArchiveError } from '../index.ts';
import { DAY, FakeLedger, NOW, manyEvents, openOver, patientOf, temporaryDirectory } from '../support.fixture.ts';
import { GREEDY, HOSTILE } from './hostile.fixture.ts';

const SEES = { limit: 1_000, seesPatients: true };
const BLIND = { limit: 10_000, seesPatients: false };
const SECRET = 'the canary sings';

const cleanUps: (() => void)[] = [];
let dir: string;
let archive: Archive;
let canary: string;

before(async () => {
  dir = temporaryDirectory({ after: (done) => cleanUps.push(done) });
  canary = join(dir, 'canary.csv');
  writeFileSync(canary, `a\n${SECRET}\n`);
  const ledger = new FakeLedger();
  archive = await openOver(ledger, dir, NOW + DAY);
  archive.accept(ledger.append(manyEvents(1_200)));
  await archive.seal();
  archive.accept(ledger.append(manyEvents(240, { from: 1_200 })));
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  for (const done of cleanUps) done();
});

/** Names and contents of all that lies in the data directory. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true }).toSorted((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(entry.parentPath, entry.name);
    hash.update(path);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

test('no hostile statement changes a byte, reads a file, or sees more than the views', async () => {
  const inside = join(dir, 'archive', 'day=2026-11-24', readdirSync(join(dir, 'archive', 'day=2026-11-24'))[0] ?? '');
  const fresh = join(dir, 'archive', 'evil.parquet');
  assert.ok(existsSync(inside));
  const before = fingerprint();
  const passed: string[] = [];
  for (const statement of HOSTILE) {
    const sql = statement.replaceAll('CANARY', canary).replaceAll('INSIDE', inside).replaceAll('NEW', fresh);
    try {
      await archive.hunt(sql, SEES);
      passed.push(statement);
    } catch (error) {
      assert.ok(error instanceof ArchiveError && error.code === 'bad_sql', `${statement}: ${String(error)}`);
      assert.ok(!error.message.includes(SECRET) && !String(error.advice).includes(SECRET), statement);
    }
  }
  assert.deepEqual(passed, []);
  assert.ok(HOSTILE.length >= 100);
  assert.equal(fingerprint(), before);
  assert.equal((await archive.hunt('SELECT count(*) FROM events', SEES)).rows[0]?.[0], 1_440);
});

test('a statement that takes too long or too much is ended, and the next one is answered', async () => {
  for (const sql of GREEDY) {
    await assert.rejects(
      archive.hunt(sql, { ...SEES, timeMs: 300 }),
      (error) => error instanceof ArchiveError && (error.code === 'too_slow' || error.code === 'too_large'),
      sql,
    );
  }
  assert.equal((await archive.hunt('SELECT count(*) FROM events', SEES)).rows[0]?.[0], 1_440);
  assert.ok(process.memoryUsage.rss() < 1_500_000_000);
});

test('a hunt is cancelled by its signal, while it runs and while it waits', async () => {
  const isCancelled = (error: unknown): boolean => error instanceof ArchiveError && error.code === 'cancelled';
  const controllers = Array.from({ length: 4 }, () => new AbortController());
  const hunts = controllers.map(({ signal }) =>
    assert.rejects(archive.hunt('SELECT count(*) FROM range(100000000000)', { ...SEES, signal }), isCancelled),
  );
  for (const controller of controllers.toReversed()) controller.abort();
  await Promise.all(hunts);
});

test('what hunters write every day is allowed', async () => {
  for (const sql of [
    ...archive.views().map(({ example }) => example),
    ...archive.views().map(({ example }) => `EXPLAIN ${example}`),
    'FROM events SELECT count(*)',
    'WITH busy AS (SELECT user_name, count(*) AS n FROM logins GROUP BY 1) SELECT * FROM busy WHERE n > 3 ORDER BY n DESC;',
    'SELECT * EXCLUDE (json) FROM events WHERE time > now() - INTERVAL 1 DAY LIMIT 5',
    'SELECT user_name, row_number() OVER (PARTITION BY device ORDER BY time) FROM logins QUALIFY row_number() OVER (PARTITION BY device ORDER BY time) = 1',
    "SELECT json->>'$.process.cmd_line', CAST(severity AS DECIMAL(10, 2)), [x + 1 FOR x IN [1, 2]] FROM processes",
    "SELECT a.user_name FROM logins a JOIN phi_access b USING (user_name) LEFT JOIN findings f ON f.time = a.time WHERE b.purpose = 'BTG' LIMIT 3",
    "SELECT h.generate_series, count(e.\"index\") FROM generate_series(TIMESTAMP '2026-11-24', TIMESTAMP '2026-11-25', INTERVAL 1 HOUR) h LEFT JOIN events e ON date_trunc('hour', e.time) = h.generate_series GROUP BY 1",
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r',
    "SELECT CASE WHEN src_ip LIKE '10.%' THEN 'inside' ELSE 'outside' END AS place, sum(bytes_out), median(bytes_in), quantile_cont(bytes_in, 0.95) FROM network GROUP BY ALL",
    'SELECT key, count(*) FROM events, json_each(json) GROUP BY 1',
  ]) {
    await assert.doesNotReject(archive.hunt(sql, SEES), sql);
  }
});

test('rows are plain values, cut at the limit and said to be cut', async () => {
  const { columns, rows, isTruncated } = await archive.hunt(
    'SELECT "index", time, severity, user_name, sum(bytes_in) FROM events GROUP BY ALL ORDER BY "index"',
    { ...SEES, limit: 3 },
  );
  assert.deepEqual(columns, [
    { name: 'index', type: 'BIGINT' },
    { name: 'time', type: 'TIMESTAMP' },
    { name: 'severity', type: 'INTEGER' },
    { name: 'user_name', type: 'VARCHAR' },
    { name: 'sum(bytes_in)', type: 'HUGEINT' },
  ]);
  assert.equal(isTruncated, true);
  assert.deepEqual(rows[0], [0, '2026-11-24T12:00:30.000Z', 1, 'a.meyer', null]);
  assert.deepEqual(rows[2], [2, '2026-11-24T12:00:28.000Z', 3, null, 20]);
});

test('an error names no value of a record', async () => {
  await assert.rejects(
    archive.hunt('SELECT CAST(patient AS INTEGER) FROM phi_access', SEES),
    (error) => error instanceof ArchiveError && error.code === 'bad_sql' && !error.message.includes('1.2.3'),
  );
});

test('who may not see patients finds stand-ins in every column of every view', async () => {
  const names = Array.from({ length: 40 }, (_one, n) => [patientOf(n), patientOf(n).slice(-5)]).flat();
  for (const { name } of archive.views()) {
    const { rows } = await archive.hunt(`SELECT * FROM ${name}`, BLIND);
    const text = JSON.stringify(rows);
    assert.deepEqual(
      names.filter((one) => text.includes(one)),
      [],
      name,
    );
    assert.ok(!text.includes('Name of'), name);
  }
  const sql = 'SELECT count(DISTINCT patient), count(*) FROM phi_access';
  const [blind, seeing] = [await archive.hunt(sql, BLIND), await archive.hunt(sql, SEES)];
  assert.deepEqual(blind.rows, seeing.rows);
  const { rows } = await archive.hunt(`SELECT json->>'$.patient.uid' = patient FROM phi_access LIMIT 1`, BLIND);
  assert.deepEqual(rows, [[true]]);
});

test('a stand-in tells nothing when the real name is asked for', async () => {
  const sql = `SELECT count(*) FROM events WHERE patient = '${patientOf(0)}' OR json LIKE '%${patientOf(0)}%' OR text LIKE '%${patientOf(0)}%'`;
  assert.deepEqual((await archive.hunt(sql, BLIND)).rows, [[0]]);
  assert.ok(Number((await archive.hunt(sql, SEES)).rows[0]?.[0]) > 0);
});

test('a result is exported whole as CSV, JSON and Parquet, and formulas are disarmed', async () => {
  const sql = `SELECT "index", time, user_name, '=cmd()' AS armed FROM logins ORDER BY "index"`;
  const [csv, json, parquet] = ['csv', 'json', 'parquet'].map((format) => join(dir, `out.${format}`)) as [
    string,
    string,
    string,
  ];
  await archive.exportTo(csv, sql, { ...SEES, format: 'csv' });
  await archive.exportTo(json, sql, { ...SEES, format: 'json' });
  await archive.exportTo(parquet, sql, { ...SEES, format: 'parquet' });
  assert.match(readFileSync(csv, 'utf8'), /^index,time,user_name,armed\n1,2026-11-24 12:00:29,b\.osei,'=cmd\(\)\n/);
  assert.equal((JSON.parse(readFileSync(json, 'utf8')) as unknown[]).length, 240);
  assert.equal(readFileSync(parquet).subarray(0, 4).toString(), 'PAR1');
  await assert.rejects(
    archive.exportTo(join(dir, 'no.csv'), 'SELECT * FROM events', { limit: 10, seesPatients: true, format: 'csv' }),
    (error) => error instanceof ArchiveError && error.code === 'too_large',
  );
  assert.ok(!existsSync(join(dir, 'no.csv')));
});
