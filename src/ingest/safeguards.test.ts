import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '#kernel';
import { openDatabase, openState } from '#kernel/database';
import { type EntryInput, createLedger, openLedger } from '#ledger';
import { BatchAreas } from './batch-areas.ts';
import { listFiles } from './containers/open.ts';
import { PatientCounter } from './patient-counter.ts';
import { type Produced, produce } from './produce.ts';
import type { JsonSource } from './source.ts';
import { sourcesFor } from './sources.ts';
import { INGEST_MIGRATIONS, type IngestTables } from './store.ts';
import type { Family } from './types.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const clock = new ManualClock(NOW);

function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-ingest-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function fail(at: string, fields: Record<string, unknown>): void {
  if (fields['fails'] === at) throw new TypeError(`cannot read ${JSON.stringify(fields)}`);
}

/** Understands any object, and fails where the object says so: a fault of a parser that some record brings to light. */
function faultySource(): JsonSource {
  const family: Family = {
    name: 'faulty',
    title: 'Faulty',
    kind: () => 'all',
    time: () => null,
    map: (fields, draft) => {
      fail('map', fields);
      draft.set('message', 'fine');
    },
    unmap: () => ({}),
  };
  return {
    name: 'faulty',
    title: 'Faulty',
    shape: 'json',
    families: [family],
    oracle: 'none',
    accepts: () => true,
    parse: (fields) => {
      fail('parse', fields);
      return { family: 'faulty', fields };
    },
  };
}

async function produceAll(paths: string[], sources = sourcesFor('auto')): Promise<Produced[]> {
  const found: Produced[] = [];
  const options = {
    paths,
    sources,
    zone: undefined,
    year: undefined,
    raw: {},
    clock,
    marks: new Map(),
    areas: BatchAreas.make(0),
  };
  for await (const produced of produce(options)) found.push(produced);
  return found;
}

function countsOf(found: readonly Produced[]) {
  const batches = found.flatMap((one) => (one.kind === 'batch' ? [one.batch] : []));
  const events = batches.reduce((sum, { counts }) => sum + counts.events, 0);
  const rejected = batches.reduce((sum, { counts }) => sum + (counts.rejected['bad_record'] ?? 0), 0);
  return { events, rejected, problems: found.filter((one) => one.kind === 'problem') };
}

for (const place of ['parse', 'map'])
  test(`a record over which a source fails (${place}) is rejected without its content, and the next are read`, async (t) => {
    const file = join(temporaryDirectory(t), 'a.json');
    writeFileSync(file, `{"n":1}\n{"n":2,"name":"Jane Roe","fails":"${place}"}\n{"n":3}\n`);
    const found = await produceAll([file], [faultySource()]);
    assert.deepEqual(countsOf(found), { events: 2, rejected: 1, problems: [] });
    const [batch] = found.flatMap((one) => (one.kind === 'batch' ? [one.batch] : []));
    const text = Buffer.from(batch?.own ?? []).toString('utf8');
    assert.equal(text.split('Jane Roe').length, 2, 'once, in the raw form');
  });

function tarOf(members: readonly (readonly [string, string])[]): Buffer {
  const blocks = members.flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    body.write(text);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

test('members of one name in an archive are all read, once', async (t) => {
  const file = join(temporaryDirectory(t), 'a.tgz');
  const members = [
    ['log.json', '{"n":1}\n'],
    ['log.json', '{"n":2}\n{"n":3}\n'],
    ['log.json', '{"n":4}\n'],
  ] as const;
  writeFileSync(file, gzipSync(tarOf(members)));
  const found = await produceAll([file], [faultySource()]);
  assert.deepEqual(countsOf(found), { events: 4, rejected: 0, problems: [] });
});

test('a folder that nests too deep is named, not left out in silence', async (t) => {
  const dir = temporaryDirectory(t);
  const deep = join(dir, ...Array.from({ length: 70 }, () => 'd'));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'hidden.log'), 'x\n');
  const skipped: string[] = [];
  assert.deepEqual(await listFiles([dir], (_error, path) => skipped.push(path)), []);
  assert.equal(skipped.length, 1);
});

function entryAbout(patient: string): EntryInput {
  return {
    classUid: 3001,
    retention: 'record',
    normal: '{}',
    raw: new Uint8Array(0),
    patient: Buffer.from(JSON.stringify({ patient })),
  };
}

async function counterPlace(t: TestContext) {
  const dir = temporaryDirectory(t);
  const place = { dir: join(dir, 'data'), keyFile: join(dir, 'key') };
  await createLedger({ ...place, origin: 'log.test/one', clock });
  const state = await openDatabase<IngestTables>(':memory:', INGEST_MIGRATIONS);
  t.after(() => state.destroy());
  return { place, state };
}

async function countersIn(ledger: Awaited<ReturnType<typeof openLedger>>): Promise<number[]> {
  const counters: number[] = [];
  for await (const batch of ledger.read())
    for (const { patient } of batch) counters.push(JSON.parse(Buffer.from(patient ?? []).toString('utf8')).counter);
  return counters;
}

test('a patient keeps the count although a later batch of theirs did not become durable', async (t) => {
  const { place, state } = await counterPlace(t);
  await using ledger = await openLedger({ ...place, clock });
  {
    await using patients = await PatientCounter.open(state, ledger);
    const first = [entryAbout('a|1')];
    await patients.number(first, 0);
    // The next is numbered while the first is being written, and is lost with a crash or a full disk.
    await patients.number([entryAbout('a|1')], 1);
    const { size } = await ledger.append(first);
    await patients.durable(size);
  }
  await using patients = await PatientCounter.open(state, ledger);
  const next = [entryAbout('a|1')];
  await patients.number(next, ledger.size);
  await patients.durable((await ledger.append(next)).size);
  assert.deepEqual(await countersIn(ledger), [1, 2]);
});

test('a state of before, with unsalted digests, is brought to keyed ones and the count goes on', async (t) => {
  const { place } = await counterPlace(t);
  const { '0001_ingest_patients': first } = INGEST_MIGRATIONS;
  assert.ok(first !== undefined);
  const unsalted = createHash('sha256').update('a|1').digest('base64');
  await using ledger = await openLedger({ ...place, clock });
  const old = await openState<IngestTables>(place.dir, { '0001_ingest_patients': first });
  await old.insertInto('ingest_patients').values({ digest: unsalted, counter: 1, entry_index: 0 }).execute();
  await old.insertInto('ingest_cursor').values({ id: 1, position: 1 }).execute();
  await old.destroy();
  const numbered = [entryAbout('a|1')];
  numbered[0]!.patient = Buffer.from(JSON.stringify({ patient: 'a|1', counter: 1, previous: null }));
  await ledger.append(numbered);

  const state = await openState<IngestTables>(place.dir, INGEST_MIGRATIONS);
  {
    await using patients = await PatientCounter.open(state, ledger);
    const next = [entryAbout('a|1')];
    await patients.number(next, ledger.size);
    await patients.durable((await ledger.append(next)).size);
  }
  assert.deepEqual(await countersIn(ledger), [1, 2]);
  const rows = await state.selectFrom('ingest_patients').selectAll().execute();
  const key = ledger.deriveKey('ingest/patients/v1');
  assert.deepEqual(
    rows.map(({ digest }) => digest),
    [createHmac('sha256', key).update('a|1').digest('base64')],
  );
  await state.destroy();
  assert.ok(!readFileSync(join(place.dir, 'state.sqlite')).includes(unsalted), 'nothing of it stays in the file');
});

test('a packet capture is passed over with one notice, not cut into lines that are no records', async (t) => {
  const dir = temporaryDirectory(t);
  const packets = Buffer.concat([
    Buffer.from('d4c3b2a102000400', 'hex'),
    Buffer.alloc(16),
    Buffer.from('GET /\n'.repeat(99)),
  ]);
  writeFileSync(join(dir, 'a.pcap'), packets);
  writeFileSync(join(dir, 'b.pcap.gz'), gzipSync(packets));
  writeFileSync(join(dir, 'c.json'), '{"n":1}\n');
  const found = await produceAll([dir], [faultySource()]);
  assert.deepEqual(countsOf(found), { events: 1, rejected: 0, problems: [] });
  const notices = found.flatMap((one) => (one.kind === 'notice' ? [one.text] : []));
  assert.deepEqual(notices.length, 2);
  assert.match(notices[0] ?? '', /packet capture.*Zeek/);
});
