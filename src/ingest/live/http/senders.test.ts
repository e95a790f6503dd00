import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventsOf, livePlace, windowsEvent } from '../live.fixture.ts';
import { type Answer, type Served, send, serve } from './serve.fixture.ts';

/**
 * What each agent asks and sends, request by request, and what it makes of the answer, as its own source has it: Beats
 * (`libbeat/esleg/eslegclient`, `libbeat/outputs/elasticsearch`), Fluent Bit (`plugins/out_es`, `plugins/out_splunk`),
 * Vector (`src/sinks/elasticsearch`, `src/sinks/splunk_hec`), rsyslog (`plugins/omelasticsearch`).
 */
type Verdict = 'taken' | 'sent again' | 'split' | 'thrown away';

const FILTER = '?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status';

/** Beats: what was too large is split, any other refusal sent again; of items, 429 and 5xx are sent again. */
function beatsOf(answer: Answer): Verdict[] {
  if (answer.status === 413) return ['split'];
  if (answer.status !== 200) return ['sent again'];
  const items = answer.body['items'] as Record<string, { status: number }>[];
  return items.map((item) => {
    const status = Object.values(item)[0]?.status ?? 0;
    if (status < 300 || status === 409) return 'taken';
    return status >= 500 || status === 429 ? 'sent again' : 'thrown away';
  });
}

/** Vector's Elasticsearch sink: 429 and 5xx but 501 are sent again, all else that is no success is thrown away. */
function vectorOf({ status, body }: Answer): Verdict {
  if (status === 429 || (status >= 500 && status !== 501)) return 'sent again';
  return status < 300 && body['errors'] !== true ? 'taken' : 'thrown away';
}

/** HEC senders (Vector, Fluent Bit): 408, 429 and 5xx are sent again. */
function hecOf({ status }: Pick<Answer, 'status'>): Verdict {
  if (status === 408 || status === 429 || status >= 500) return 'sent again';
  return status === 200 ? 'taken' : 'thrown away';
}

function bulkOf(first: number, count: number, meta: object = { _index: 'logs' }): string {
  const numbers = Array.from({ length: count }, (_, n) => first + n);
  return numbers.map((n) => `${JSON.stringify({ create: meta })}\n${windowsEvent(n)}\n`).join('');
}

function packed(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(text));
}

/** A ledger whose disk is full while `full.now` is set. */
async function serveOnFullDisk(t: TestContext): Promise<{ served: Served; full: { now: boolean } }> {
  const full = { now: false };
  const faults = () =>
    full.now ? { error: Object.assign(new Error('full'), { code: 'ENOSPC' }), writtenBytes: 0 } : null;
  const freeBytes = async () => (full.now ? 0 : Number.MAX_SAFE_INTEGER);
  return { served: await serve(t, { live: { faults, freeBytes, probeEveryMs: 20 } }), full };
}

async function opened({ intake }: Served): Promise<void> {
  while (intake.load().shut !== null) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('Beats: what they ask at connecting is answered so that they send, also where the set-up was left on', async (t) => {
  await using served = await serve(t);
  const basic = `Basic ${Buffer.from(`wardkeep:${await served.token('elastic-bulk')}`).toString('base64')}`;
  const ask = (method: string, path: string, body?: string) =>
    fetch(served.url + path, { method, headers: { authorization: basic }, ...(body === undefined ? {} : { body }) });
  const { version } = (await (await ask('GET', '/')).json()) as { version: { number: string; build_flavor: string } };
  assert.match(version.number, /^8\.\d+\.\d+$/);
  assert.equal(version.build_flavor, 'default');
  const { license } = (await (await ask('GET', '/_license?human=false')).json()) as { license: { status: string } };
  assert.equal(license.status, 'active');
  for (const [method, path, body] of [
    ['GET', '/_ilm/policy/winlogbeat'],
    ['PUT', '/_ilm/policy/winlogbeat', '{"policy":{}}'],
    ['HEAD', '/_index_template/winlogbeat-8.19.0'],
    ['PUT', '/_index_template/winlogbeat-8.19.0', '{"template":{}}'],
    ['HEAD', '/_data_stream/winlogbeat-8.19.0'],
    ['PUT', '/_data_stream/winlogbeat-8.19.0'],
    ['GET', '/_ingest/pipeline/winlogbeat-8.19.0-routing'],
    ['PUT', '/_ingest/pipeline/winlogbeat-8.19.0-security', '{"processors":[]}'],
    ['HEAD', '/_alias/filebeat-7.17.0'],
  ] as const) {
    const answer = await ask(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}`);
    await answer.arrayBuffer();
  }
  assert.equal(served.ledger.size, 0);
});

test('Beats: packed batches are taken, and of items that cannot be taken only those are thrown away', async (t) => {
  await using served = await serve(t);
  const key = `ApiKey ${Buffer.from(`wardkeep:${await served.token('elastic-bulk')}`).toString('base64')}`;
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json; charset=UTF-8' };
  const url = `${served.url}/_bulk${FILTER}`;
  const answer = await send(url, key, packed(bulkOf(0, 50)), headers);
  assert.deepEqual(new Set(beatsOf(answer)), new Set(['taken']));
  assert.deepEqual(answer.body, {
    errors: false,
    items: Array.from({ length: 50 }, () => ({ create: { status: 201 } })),
  });
  const mixed = `${bulkOf(50, 1)}{"delete":{"_index":"logs","_id":"1"}}\n${bulkOf(51, 1)}`;
  assert.deepEqual(beatsOf(await send(url, key, packed(mixed), headers)), ['taken', 'thrown away', 'taken']);
  const large = packed(`${bulkOf(0, 2)}${' '.repeat(17 * 1024 * 1024)}`);
  assert.deepEqual(beatsOf(await send(url, key, large, headers)), ['split']);
  assert.equal(served.ledger.size, 52);
});

test('while nothing can be written each agent sends again, and each event is there once afterwards', async (t) => {
  const { served, full } = await serveOnFullDisk(t);
  await using closing = served;
  assert.equal(closing.ledger.size, 0);
  const elastic = `Basic ${Buffer.from(`wardkeep:${await served.token('elastic-bulk')}`).toString('base64')}`;
  const splunk = `Splunk ${await served.token('splunk-hec')}`;
  const bulk = () => send(`${served.url}/_bulk`, elastic, bulkOf(0, 5));
  const hec = () => send(`${served.url}/services/collector/event`, splunk, `{"event":${windowsEvent(9)}}`);
  full.now = true;
  for (let n = 0; n < 3; n += 1) {
    const refused = await bulk();
    assert.deepEqual([beatsOf(refused), vectorOf(refused)], [['sent again'], 'sent again']);
    assert.equal(refused.headers.get('retry-after'), '2');
    assert.equal(refused.headers.get('x-elastic-product'), 'Elasticsearch');
    const busy = await hec();
    assert.deepEqual([hecOf(busy), busy.body['code']], ['sent again', 9]);
    assert.equal((await send(`${served.url}/services/collector/health/1.0`, splunk, null)).status, 503);
  }
  full.now = false;
  await opened(served);
  assert.equal(vectorOf(await bulk()), 'taken');
  assert.equal(hecOf(await hec()), 'taken');
  assert.equal((await eventsOf(served.ledger)).length, 6);
});

/** Fluent Bit takes an answer that is longer for a failure (`FLB_ES_DEFAULT_HTTP_MAX`). */
const FLUENT_BIT_READS_BYTES = 512_000;

test('Fluent Bit: the answer to a chunk of many events fits the little that it reads, and says what could not be taken', async (t) => {
  await using served = await serve(t);
  const basic = `Basic ${Buffer.from(`wardkeep:${await served.token('elastic-bulk')}`).toString('base64')}`;
  const headers = { authorization: basic, 'content-type': 'application/x-ndjson', 'user-agent': 'Fluent-Bit' };
  const post = async (body: string) => (await fetch(`${served.url}/_bulk`, { method: 'POST', headers, body })).text();
  const answer = await post('{"create":{"_index":"fluent-bit"}}\n{"log":"x"}\n'.repeat(10_000));
  assert.ok(answer.length < FLUENT_BIT_READS_BYTES);
  assert.ok(answer.includes('"errors":false,"items":['));
  assert.equal(served.ledger.size, 10_000);
  const upserts = JSON.parse(await post('{"update":{"_id":"1"}}\n{"doc":{}}\n')) as {
    errors: boolean;
    items: object[];
  };
  assert.equal(upserts.errors, true);
  assert.equal(upserts.items.length, 1);
});

test('Vector: health and version are asked first; a body that comes too slowly is sent again, not thrown away', async (t) => {
  await using served = await serve(t, { bodyMsMax: 100 });
  const token = await served.token('elastic-bulk');
  const basic = `Basic ${Buffer.from(`wardkeep:${token}`).toString('base64')}`;
  assert.equal((await send(`${served.url}/_cluster/health`, basic, null)).status, 200);
  const about = await send(`${served.url}/`, basic, null);
  assert.ok(Number((about.body['version'] as { number: string }).number.split('.')[0]) >= 7);
  const slow = connect(served.port, '127.0.0.1');
  slow.write(
    `POST /_bulk?timeout=60s HTTP/1.1\r\nhost: x\r\nuser-agent: Vector/0.50\r\nauthorization: ${basic}\r\ncontent-length: 999\r\n\r\n{"index":`,
  );
  const [bytes] = (await once(slow, 'data')) as [Buffer];
  const status = Number(bytes.toString().split(' ')[1]);
  assert.equal(vectorOf({ status, headers: new Headers(), body: {} }), 'sent again');
  slow.destroy();
});

test('a backlog of small events goes in one request; more than one append takes is refused before any of it is kept', async (t) => {
  await using served = await serve(t);
  const basic = `Basic ${Buffer.from(`wardkeep:${await served.token('elastic-bulk')}`).toString('base64')}`;
  const splunk = `Splunk ${await served.token('splunk-hec')}`;
  const many = await send(`${served.url}/_bulk${FILTER}`, basic, '{"index":{}}\n{"message":"x"}\n'.repeat(33_000));
  assert.deepEqual([vectorOf(many), served.ledger.size], ['taken', 33_000]);
  const tooMany = await send(`${served.url}/_bulk${FILTER}`, basic, '{"index":{}}\n{"message":"x"}\n'.repeat(65_537));
  assert.deepEqual(beatsOf(tooMany), ['split']);
  const hec = await send(`${served.url}/services/collector`, splunk, '{"event":"x"}'.repeat(65_537));
  assert.equal(hec.status, 413);
  assert.equal(served.ledger.size, 33_000);
});

test('Vector over HEC: the health check tells a wrong token, and ids are acknowledged also after a restart', async (t) => {
  const place = await livePlace(t);
  const channel = { 'x-splunk-request-channel': 'fe0ecfad-13d5-401b-847d-77833bd77131' };
  let splunk = '';
  let id = 0;
  const acked = async ({ url }: Served, acks: number[]) =>
    (
      await send(`${url}/services/collector/ack`, splunk, packed(JSON.stringify({ acks })), {
        ...channel,
        'content-encoding': 'gzip',
      })
    ).body['acks'];
  {
    await using served = await serve(t, { place });
    splunk = `Splunk ${await served.token('splunk-hec')}`;
    const health = `${served.url}/services/collector/health/1.0`;
    assert.equal((await send(health, splunk, null)).status, 200);
    assert.equal((await send(health, null, null)).status, 200);
    const wrong = await send(health, 'Splunk nobody', null);
    assert.deepEqual([wrong.status, wrong.body['code']], [400, 4]);
    const sent = await send(`${served.url}/services/collector/event`, splunk, packed(`{"event":${windowsEvent(1)}}`), {
      ...channel,
      'content-encoding': 'gzip',
    });
    id = sent.body['ackId'] as number;
    assert.deepEqual(await acked(served, [id, id + 1]), { [id]: true, [id + 1]: false });
  }
  await using again = await serve(t, { place });
  assert.deepEqual(await acked(again, [id, 0, 41]), { [id]: true, 0: false, 41: false });
  assert.equal((await eventsOf(again.ledger)).length, 1);
});

test('Docker: its logging driver asks for the collector before it starts a container, then sends packed', async (t) => {
  await using served = await serve(t);
  const url = `${served.url}/services/collector/event/1.0`;
  assert.equal((await fetch(url, { method: 'OPTIONS' })).status, 200);
  const splunk = `Splunk ${await served.token('splunk-hec')}`;
  const body = `{"event":{"line":"hello","source":"stdout"},"time":"1795521600.250000","host":"docker1"}`;
  assert.equal(hecOf(await send(url, splunk, packed(body), { 'content-encoding': 'gzip' })), 'taken');
});

/** rsyslog names no user agent. */
function bare(served: Served, token: string, body: string, agent: Agent): Promise<number | 'closed'> {
  const authorization = `Basic ${Buffer.from(`wardkeep:${token}`).toString('base64')}`;
  const options = { method: 'POST', port: served.port, path: '/_bulk', headers: { authorization }, agent };
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', () => resolve('closed'));
    sent.end(body);
  });
}

test('rsyslog: a sender that takes each answer for the end gets none, keeps what it has, and sends it again', async (t) => {
  const { served, full } = await serveOnFullDisk(t);
  await using closing = served;
  assert.equal(closing.ledger.size, 0);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const token = await served.token('elastic-bulk');
  const elastic = `Basic ${Buffer.from(`wardkeep:${token}`).toString('base64')}`;
  const health = await fetch(`${served.url}/_cat/health`, { headers: { authorization: elastic } });
  assert.match(await health.text(), /^\d+ \d\d:\d\d:\d\d wardkeep green /);
  assert.equal(await bare(served, token, bulkOf(0, 3), agent), 200);
  assert.equal(await bare(served, 'wrong', bulkOf(3, 3), agent), 'closed');
  full.now = true;
  assert.equal(await bare(served, token, bulkOf(3, 3), agent), 'closed');
  assert.equal(await bare(served, token, bulkOf(3, 3), agent), 'closed');
  full.now = false;
  await opened(served);
  assert.equal(await bare(served, token, bulkOf(3, 3), agent), 200);
  assert.equal(await bare(served, token, 'no action\n{}\n', agent), 400);
  assert.equal((await eventsOf(served.ledger)).length, 6);
});
