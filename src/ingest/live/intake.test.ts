import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppendedBatch, Submission } from './index.ts';
import { eventsOf, livePlace, openLive, windowsEvent } from './live.fixture.ts';

const RECEIVED = Date.UTC(2026, 10, 24, 12);

function lines(sourceId: string, ...all: string[]): Submission {
  return { sourceId, framing: 'lines', bytes: Buffer.from(all.join('\n')), receivedMs: RECEIVED };
}

const NDJSON = { name: 'EHR', kind: 'ndjson', format: 'auto', zone: null, silentAfterMs: null } as const;

test('what was acknowledged is in the ledger, in order, and the readers were told with what the tap said', async (t) => {
  const place = await livePlace(t);
  await using live = await openLive(place, {
    tap: { module: new URL('tap.fixture.ts', import.meta.url), options: { word: 'one' } },
  });
  const { source } = await live.intake.createSource(NDJSON);
  const told: AppendedBatch[] = [];
  live.intake.onAppended((batch) => told.push(batch));
  const results = await Promise.all([
    live.intake.submit(lines(source.id, windowsEvent(1), 'no format', windowsEvent(2))),
    live.intake.submit({ ...lines(source.id, windowsEvent(3)), labels: ['transport:http'] }),
  ]);
  assert.deepEqual(results, [
    { events: 3, rejected: 1, firstIndex: 0 },
    { events: 1, rejected: 0, firstIndex: 3 },
  ]);
  await live.intake.updateTap({ word: 'two' });
  await live.intake.submit(lines(source.id, windowsEvent(1)));
  const entries = told.flatMap((batch) => batch.entries);
  assert.deepEqual(
    entries.map(({ index, tapped }) => [index, tapped]),
    [
      [0, { word: 'one' }],
      [1, null],
      [2, null],
      [3, null],
      [4, { word: 'two' }],
    ],
  );
  const events = await eventsOf(live.ledger);
  assert.deepEqual(
    entries.map(({ normal }) => JSON.parse(Buffer.from(normal).toString()) as unknown),
    events,
  );
  assert.ok(events[3]?.metadata.labels?.includes('transport:http'));
  assert.ok(events.every(({ metadata }) => metadata.labels?.includes(`source:${source.id}`)));
});

test('each framing gives its records; a format is recognised by the record', async (t) => {
  await using live = await openLive(await livePlace(t));
  const { source } = await live.intake.createSource(NDJSON);
  const all = [windowsEvent(1), '<134>1 2026-01-05T00:00:00Z fw1 gate - - - built\nconnection', windowsEvent(2)];
  const bytes = Buffer.from(all.join(''));
  const lengths = Uint32Array.from(all, (one) => Buffer.byteLength(one));
  const base = { sourceId: source.id, receivedMs: RECEIVED };
  const submit = (one: Pick<Submission, 'framing' | 'bytes' | 'lengths'>) => live.intake.submit({ ...base, ...one });
  assert.deepEqual(await submit({ framing: 'records', bytes, lengths }), { events: 3, rejected: 0, firstIndex: 0 });
  const array = Buffer.from(`[${windowsEvent(1)},\n${windowsEvent(2)}]`);
  assert.deepEqual(await submit({ framing: 'format', bytes: array }), { events: 2, rejected: 0, firstIndex: 3 });
  const hl7 = Buffer.from('MSH|^~\\&|A|B|C|D|20260105||ADT^A01|1|P|2.5\rPID|1||77^^^H||Doe^J\rPV1|1|I\r');
  assert.deepEqual(await submit({ framing: 'record', bytes: hl7 }), { events: 1, rejected: 0, firstIndex: 5 });
  assert.deepEqual(await submit({ framing: 'lines', bytes: Buffer.from('\n\n') }), {
    events: 0,
    rejected: 0,
    firstIndex: null,
  });
});

test('a submission that kills the mapping thread is refused by itself, those beside it are kept', async (t) => {
  await using live = await openLive(await livePlace(t), {
    tap: { module: new URL('tap.fixture.ts', import.meta.url), options: { word: 'x' } },
  });
  const { source } = await live.intake.createSource(NDJSON);
  const killer = windowsEvent(9, { TargetUserName: 'killer' });
  const results = await Promise.allSettled(
    [windowsEvent(2), killer, windowsEvent(3), killer, windowsEvent(4)].map((one) =>
      live.intake.submit(lines(source.id, one)),
    ),
  );
  assert.deepEqual(
    results.map((one) => (one.status === 'fulfilled' ? one.value.events : (one.reason as { code: string }).code)),
    [1, 'mapping_failed', 1, 'mapping_failed', 1],
  );
  assert.equal(live.ledger.size, 3);
});

test('counts, gaps and tokens survive a restart; a removed source takes nothing', async (t) => {
  const place = await livePlace(t);
  let id: string;
  let token: string | null;
  {
    await using live = await openLive(place);
    const made = await live.intake.createSource(NDJSON);
    ({ token } = made);
    id = made.source.id;
    await live.intake.submit(lines(id, windowsEvent(1), windowsEvent(5), 'what', windowsEvent(3)));
    assert.equal(live.intake.source(id)?.clockOffsetS, 7200);
  }
  await using live = await openLive(place);
  const status = live.intake.source(id);
  assert.equal(status?.events, 4);
  assert.deepEqual(status.rejects, { unknown_format: 1 });
  assert.equal(status.gaps, 2);
  assert.equal(live.intake.sourceOfToken(token ?? '')?.id, id);
  assert.equal(live.intake.sourceOfToken(`${token}x`), null);
  assert.equal(live.intake.sourceOfToken(''), null);
  const renewed = await live.intake.renewToken(id);
  assert.equal(live.intake.sourceOfToken(token ?? ''), null);
  assert.equal(live.intake.sourceOfToken(renewed ?? '')?.id, id);
  await live.intake.removeSource(id);
  await assert.rejects(live.intake.submit(lines(id, windowsEvent(1))), { code: 'no_such_source' });
});

test('a full disk shuts the door with words, reading goes on, and a probe opens it again', async (t) => {
  let isFull = false;
  const faults = () =>
    isFull ? { error: Object.assign(new Error('full'), { code: 'ENOSPC' }), writtenBytes: 7 } : null;
  await using live = await openLive(await livePlace(t), { faults, probeEveryMs: 20 });
  const { source } = await live.intake.createSource(NDJSON);
  const submit = (n: number) => live.intake.submit(lines(source.id, windowsEvent(n)));
  await submit(1);
  isFull = true;
  await assert.rejects(submit(2), { code: 'unavailable' });
  await assert.rejects(submit(3), { code: 'unavailable' });
  assert.match(live.intake.load().shut ?? '', /disk is full/);
  assert.equal((await eventsOf(live.ledger)).length, 1);
  isFull = false;
  while (live.intake.load().shut !== null) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal((await submit(4)).firstIndex, 1);
  assert.equal(await live.intake.record({ ...OWN, time: RECEIVED }), 2);
  assert.equal((await eventsOf(live.ledger)).length, 3);
});

const OWN = {
  class_uid: 6002,
  category_uid: 6,
  activity_id: 99,
  type_uid: 600_299,
  severity_id: 1,
  app: { name: 'Wardkeep' },
  metadata: { version: '1.8.0', product: { name: 'Wardkeep', vendor_name: 'Wardkeep' } },
};

test("a patient's entries are numbered without a gap, whichever call they came with", async (t) => {
  await using live = await openLive(await livePlace(t));
  const { source } = await live.intake.createSource(NDJSON);
  const audit = (n: number) =>
    JSON.stringify({
      resourceType: 'AuditEvent',
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      action: 'R',
      recorded: `2026-11-24T10:00:0${n}Z`,
      outcome: '0',
      agent: [{ who: { display: 'Dr A' }, requestor: true }],
      source: { observer: { display: 'EHR' } },
      entity: [
        {
          what: { reference: 'Patient/p1' },
          role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        },
      ],
    });
  await Promise.all([1, 2, 3, 4].map((n) => live.intake.submit(lines(source.id, audit(n), audit(n)))));
  const views: { counter: number; previous: number | null }[] = [];
  for await (const batch of live.ledger.read())
    for (const { patient } of batch)
      if (patient !== null) views.push(JSON.parse(Buffer.from(patient).toString()) as (typeof views)[0]);
  assert.deepEqual(
    views.map(({ counter, previous }) => [counter, previous]),
    Array.from({ length: 8 }, (_, n) => [n + 1, n === 0 ? null : n - 1]),
  );
});
