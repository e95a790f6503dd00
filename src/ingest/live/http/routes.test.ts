import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { fuzzInputs } from '../../../../test/support/shared.ts';
import { sourcesFor, validateEvent } from '#ingest';
import { eventsOf, windowsEvent } from '../live.fixture.ts';
import { HINTED_FORMATS, formatOf } from './hec-notes.ts';
import { concatenatedValues, elementsOf, membersOf } from './json-spans.ts';
import { send, serve } from './serve.fixture.ts';

const curl = promisify(execFile);

test('curl sends NDJSON, plain and packed, and gets its answer when it is durable', async (t) => {
  await using served = await serve(t);
  const token = await served.token('ndjson');
  const url = `${served.url}/ingest/ndjson`;
  const { stdout } = await curl('curl', [
    '-sS',
    '-H',
    `authorization: Bearer ${token}`,
    '--data-binary',
    `${windowsEvent(1)}\n${windowsEvent(2)}\n`,
    url,
  ]);
  assert.deepEqual(JSON.parse(stdout), { events: 2, rejected: 0, firstIndex: 0 });
  assert.equal(served.ledger.size, 2);
  const bearer = `Bearer ${token}`;
  const text = `${windowsEvent(3)}\nwhat is this`;
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const)
    assert.deepEqual(
      (await send(url, bearer, new Uint8Array(bytes), { 'content-encoding': encoding })).body['events'],
      2,
    );
  assert.equal((await send(url, bearer, `[${windowsEvent(5)},${windowsEvent(6)}]`)).body['events'], 2);
});

test('what must not be taken is refused in the words of each protocol, and nothing of it is kept', async (t) => {
  await using served = await serve(t);
  const bearer = `Bearer ${await served.token('ndjson')}`;
  const hec = `Splunk ${await served.token('splunk-hec')}`;
  const { url } = served;
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
  const cases: [string, string | null, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string][] = [
    ['/ingest/ndjson', null, '{}', {}, 401, 'error'],
    ['/ingest/ndjson', 'Bearer wk_x', '{}', {}, 403, 'error'],
    ['/ingest/ndjson', hec, '{}', {}, 403, 'error'],
    ['/ingest/ndjson', bearer, bomb, { 'content-encoding': 'gzip' }, 413, 'error'],
    ['/ingest/ndjson', bearer, 'no gzip', { 'content-encoding': 'gzip' }, 400, 'error'],
    ['/ingest/ndjson', bearer, '{}', { 'content-encoding': 'pack' }, 415, 'error'],
    ['/ingest/ndjson', bearer, '{}\n'.repeat(70_000), {}, 413, 'error'],
    ['/ingest/ndjson', bearer, new Uint8Array(17 * 1024 * 1024), {}, 413, 'error'],
    ['/services/collector', null, '{}', {}, 401, 'code'],
    ['/services/collector', bearer, '{}', {}, 403, 'code'],
    ['/services/collector/event', hec, '{"event":1}{"host":"a"}', {}, 400, 'code'],
    ['/services/collector/event', hec, '{"event":1}{"event', {}, 400, 'code'],
    ['/services/collector/event', hec, '', {}, 400, 'code'],
    ['/_bulk', null, '{}', {}, 401, 'error'],
    ['/fhir', null, '{}', {}, 401, 'issue'],
  ];
  for (const [path, authorization, body, headers, status, word] of cases) {
    const answer = await send(url + path, authorization, body, headers);
    assert.equal(answer.status, status, path);
    assert.ok(word in answer.body, `${path}: ${JSON.stringify(answer.body)}`);
  }
  assert.equal(served.ledger.size, 0);
});

test('a body that comes too slowly is answered with 408, one that is cut short is not kept', async (t) => {
  await using served = await serve(t, { bodyMsMax: 100 });
  const token = await served.token('ndjson');
  const head = `POST /ingest/ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 999\r\n\r\n`;
  const slow = connect(served.port, '127.0.0.1');
  slow.write(`${head}{"a":1}\n`);
  const [answer] = (await once(slow, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1.1 408 /);
  slow.destroy();
  const cut = connect(served.port, '127.0.0.1');
  cut.end(`${head}{"a":1}\n`);
  cut.resume();
  await once(cut, 'close');
  assert.equal(served.ledger.size, 0);
});

test('HEC takes concatenated events, raw lines and channels, and answers as Splunk does', async (t) => {
  await using served = await serve(t);
  const splunk = `Splunk ${await served.token('splunk-hec')}`;
  const base = `${served.url}/services/collector`;
  const events = `{"time":1795521600.25,"host":"fw1","sourcetype":"gate","event":"built connection"} {"event": ${windowsEvent(1)} }\n`;
  assert.deepEqual((await send(base, splunk, events)).body, { text: 'Success', code: 0 });
  const channel = { 'x-splunk-request-channel': 'FE0ECFAD-13D5-401B-847D-77833BD77131' };
  const { body } = await send(`${base}/raw`, splunk, `${windowsEvent(2)}\n${windowsEvent(3)}`, channel);
  assert.equal(body['text'], 'Success');
  const id = body['ackId'] as number;
  const acks = await send(`${base}/ack`, splunk, JSON.stringify({ acks: [id, id + 7] }), channel);
  assert.deepEqual(acks.body, { acks: { [id]: true, [id + 7]: false } });
  assert.deepEqual((await send(`${base}/health`, null, null)).body, { text: 'HEC is healthy', code: 17 });
  const stored = await eventsOf(served.ledger);
  assert.equal(stored.length, 4);
  assert.equal(stored[0]?.time, 1_795_521_600_250);
  const [first] = await served.ledger
    .read()
    .next()
    .then(({ value }) => value ?? []);
  assert.match(Buffer.from(first?.raw ?? []).toString(), /^<13>1 2026-11-24T.* fw1 gate - - - built connection$/);
});

test('what HEC states beside an event is kept as tags, and its sourcetype is a hint that may be wrong', async (t) => {
  await using served = await serve(t);
  const splunk = `Splunk ${await served.token('splunk-hec')}`;
  const fields = { site: 'north', wards: ['a', 'b'], bed: 7, none: null, deep: { x: 1 } };
  const access = '10.1.2.3 - - [24/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl/8"';
  const envelopes = [
    { host: 'web1', source: '/var/log/a', sourcetype: 'access_combined', index: 'main', fields, event: access },
    { host: 'pc1', sourcetype: 'cisco:asa', event: JSON.parse(windowsEvent(5)) as unknown },
    { event: JSON.parse(windowsEvent(6)) as unknown },
    { host: 'x'.repeat(5_000), sourcetype: '__proto__', event: windowsEvent(7) },
  ];
  const body = envelopes.map((one) => JSON.stringify(one)).join('\n');
  assert.equal((await send(`${served.url}/services/collector`, splunk, body)).status, 200);
  const raw = `${served.url}/services/collector/raw?host=h1&sourcetype=st&index=i&channel=c&source=`;
  assert.equal((await send(raw, splunk, `${windowsEvent(8)}\n${windowsEvent(9)}`)).status, 200);
  const stored = await eventsOf(served.ledger);
  assert.deepEqual(
    stored.map(({ metadata }) => String(metadata.log_format).split('/')[0]),
    ['apache', 'windows', 'windows', 'windows', 'windows', 'windows'],
  );
  assert.deepEqual(stored[0]?.metadata.tags, [
    { name: 'hec.host', value: 'web1' },
    { name: 'hec.source', value: '/var/log/a' },
    { name: 'hec.sourcetype', value: 'access_combined' },
    { name: 'hec.index', value: 'main' },
    { name: 'hec.fields.site', value: 'north' },
    { name: 'hec.fields.wards', values: ['a', 'b'] },
    { name: 'hec.fields.bed', value: '7' },
  ]);
  assert.equal(stored[2]?.metadata.tags, undefined);
  assert.equal(stored[3]?.metadata.tags?.[0]?.value?.length, 1_024);
  for (const event of stored.slice(4))
    assert.deepEqual(
      event.metadata.tags?.map(({ name }) => name),
      ['hec.host', 'hec.sourcetype', 'hec.index'],
    );
  for (const event of stored) assert.deepEqual(validateEvent(event), []);
});

test('each sourcetype that is known is of a format that there is', () => {
  const known = ['cisco:asa', 'pan:traffic', 'XmlWinEventLog:Security', 'zeek:conn:json', 'OktaIM2:log', 'fgt_event'];
  const formats = known.map(formatOf);
  assert.deepEqual(formats, ['cisco-asa', 'paloalto', 'windows-xml', 'zeek-json', 'okta', 'fortigate']);
  for (const format of HINTED_FORMATS) assert.ok(sourcesFor(format).length > 0, format);
  assert.equal(formatOf('constructor'), null);
  assert.equal(formatOf(7), null);
});

test('bulk requests are answered item by item, and what Beats ask before they send is answered', async (t) => {
  await using served = await serve(t);
  const token = await served.token('elastic-bulk');
  const apiKey = `ApiKey ${Buffer.from(`id:${token}`).toString('base64')}`;
  const basic = `Basic ${Buffer.from(`elastic:${token}`).toString('base64')}`;
  const about = await send(`${served.url}/`, basic, null);
  assert.match((about.body['version'] as { number: string }).number, /^8\./);
  assert.equal(about.headers.get('x-elastic-product'), 'Elasticsearch');
  for (const path of ['/_license', '/_ilm/policy/filebeat', '/_index_template/x', '/_cluster/health'])
    assert.equal((await send(served.url + path, basic, null)).status, 200, path);
  const body = [
    '{"create":{"_index":"a","_id":"7"}}',
    windowsEvent(1),
    '{"delete":{"_id":"7"}}',
    '{"index":{}}',
    windowsEvent(2),
    '{"update":{"_id":"1"}}',
    '{}',
    '',
  ].join('\n');
  const answer = await send(`${served.url}/logs/_bulk`, apiKey, body);
  assert.equal(answer.status, 200);
  assert.equal(answer.body['errors'], true);
  const items = answer.body['items'] as Record<string, { status: number; _index: string }>[];
  assert.deepEqual(
    items.map((item) => Object.entries(item).map(([action, { status, _index }]) => [action, status, _index])[0]),
    [
      ['create', 201, 'a'],
      ['delete', 400, 'logs'],
      ['index', 201, 'logs'],
      ['update', 400, 'logs'],
    ],
  );
  assert.equal((await send(`${served.url}/_bulk`, apiKey, `{"create":{}}\n{}\n{"what":1}\n{}\n`)).status, 400);
  assert.equal(served.ledger.size, 2);
});

test('FHIR AuditEvents are created one by one and in Bundles; a transaction is all or nothing', async (t) => {
  await using served = await serve(t);
  const bearer = `Bearer ${await served.token('fhir-auditevent')}`;
  const audit = {
    resourceType: 'AuditEvent',
    recorded: '2026-11-24T10:00:00Z',
    action: 'R',
    agent: [{ requestor: true, who: { display: 'A' } }],
    source: { observer: { display: 'EHR' } },
    type: { code: 'rest' },
  };
  const created = await send(`${served.url}/fhir/AuditEvent`, bearer, JSON.stringify(audit, null, 2));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), '/fhir/AuditEvent/0');
  const updated = await fetch(`${served.url}/fhir/AuditEvent/a-1`, {
    method: 'PUT',
    body: JSON.stringify(audit),
    headers: { authorization: bearer },
  });
  assert.equal(updated.status, 201);
  const bundle = (type: string, ...resources: object[]) =>
    send(
      `${served.url}/fhir`,
      bearer,
      JSON.stringify({
        resourceType: 'Bundle',
        type,
        entry: resources.map((resource) => ({ request: { method: 'POST', url: 'AuditEvent' }, resource })),
      }),
    );
  const patient = { resourceType: 'Patient' };
  assert.equal((await bundle('transaction', audit, patient)).status, 422);
  assert.equal(served.ledger.size, 2);
  const batch = await bundle('batch', audit, patient, audit);
  assert.deepEqual(
    (batch.body['entry'] as { response: { status: string } }[]).map(({ response }) => response.status.slice(0, 3)),
    ['201', '422', '201'],
  );
  assert.equal((await bundle('transaction', audit, audit)).status, 200);
  assert.equal(served.ledger.size, 6);
  assert.ok((await eventsOf(served.ledger)).every(({ metadata }) => metadata.log_format?.startsWith('fhir-audit/')));
});

test('spans are those of the values, for any JSON and any text', () => {
  fc.assert(
    fc.property(fc.array(fc.json()), fc.constantFrom(' ', '\n', '\t\r\n'), (values, blank) => {
      const text = values.join(blank);
      const spans = concatenatedValues(text, 1_000_000);
      assert.deepEqual(
        spans?.map(({ start, end }) => text.slice(start, end).trim()),
        values.map((one) => one.trim()),
      );
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value, null, 1);
      const whole = { start: 0, end: text.length };
      const members = [...membersOf(text, whole)].map(
        ([name, { start, end }]) => [name, JSON.parse(text.slice(start, end))] as const,
      );
      assert.deepEqual(Object.fromEntries(members), JSON.parse(text));
      const list = JSON.stringify(Object.values(value));
      assert.deepEqual(
        elementsOf(list, { start: 0, end: list.length }).map(
          ({ start, end }) => JSON.parse(list.slice(start, end)) as unknown,
        ),
        JSON.parse(list),
      );
    }),
  );
  const pieces = ['{', '}', '[', ']', '"', '\\', ',', ':', '1', 'true', ' ', 'é', '"a"'];
  for (let n = 0, all = fuzzInputs(); n < all; n += 1) {
    const text = Array.from({ length: n % 40 }, () => pieces[Math.floor(Math.random() * pieces.length)]).join('');
    const spans = concatenatedValues(text, 100) ?? [];
    for (const { start, end } of spans) assert.ok(end > start && end <= text.length);
  }
});
