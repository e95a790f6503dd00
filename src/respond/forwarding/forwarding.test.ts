import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { MemberReader, type OcsfEvent, sourcesFor } from '#ingest';
import { ManualClock, silentLog } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { cefOf } from './cef.ts';
import { Forwarder } from './forwarder.ts';
import { FORWARDING_MIGRATIONS, type ForwardingTables } from './store.ts';
import { parseTarget } from './target.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-forward-'));
after(() => rmSync(base, { recursive: true, force: true }));

function event(n: number, change: object = {}): OcsfEvent {
  return {
    class_uid: 2004,
    category_uid: 2,
    activity_id: 1,
    type_uid: 200401,
    severity_id: 4,
    time: 1_790_000_000_000 + n,
    message: `finding ${n}`,
    metadata: { version: '1.8.0', product: { name: 'Wardkeep' }, log_format: 'wardkeep/finding' },
    ...change,
  };
}

async function ledgerOf(name: string): Promise<Ledger> {
  const place = { dir: join(base, name), keyFile: join(base, `${name}.key`) };
  await createLedger(place);
  return openLedger(place);
}

async function append(ledger: Ledger, events: readonly OcsfEvent[]): Promise<void> {
  await ledger.append(
    events.map((one) => ({
      classUid: one.class_uid,
      retention: 'record',
      normal: JSON.stringify(one),
      raw: new Uint8Array(0),
      patient: null,
    })),
  );
}

async function forwarderOver(ledger: Ledger): Promise<Forwarder> {
  const state = await openDatabase<ForwardingTables>(':memory:', FORWARDING_MIGRATIONS);
  return new Forwarder({ ledger, state, version: '1', clock: new ManualClock(0), log: silentLog, pauseMs: 20 });
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !what(); tries += 1) await new Promise((resolve) => void setTimeout(resolve, 20));
  assert.ok(what());
}

test('a CEF line says what the event says, whatever its values hold (read back by our own CEF reader)', () => {
  const read = (line: string): Record<string, unknown> => {
    const bytes = Buffer.from(`${line}\n`);
    const reader = new MemberReader('x', bytes, { sources: sourcesFor('cef') });
    const [item] = [...reader.each(bytes), ...reader.end()];
    assert.ok(item !== undefined && !('reject' in item.parsed), line);
    return item.parsed.fields;
  };
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60, minLength: 1 }), (name, user) => {
      const fields = read(cefOf(event(1, { message: `n${name}`, actor: { user: { name: `u${user}x` } } }), 7, '1'));
      assert.equal(fields['DeviceVendor'], 'Wardkeep');
      assert.equal(String(fields['Name']).trim(), `n${name}`.replaceAll(/[\r\n]+/g, ' ').trim());
      assert.equal(fields['suser'], `u${user}x`);
      assert.equal(String(fields['cn1']), '7');
    }),
    { numRuns: 300 },
  );
});

test('findings go out over TCP as octet-counted syslog, in order, each once, over a receiver that comes late', async () => {
  const ledger = await ledgerOf('tcp');
  const forwarder = await forwarderOver(ledger);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  await append(ledger, [event(0)]);
  forwarder.configure({ kind: 'syslog-cef', target: `tcp://127.0.0.1:${port}`, what: 'findings' }, null);
  // What was there before is not sent; what is no finding of ours is not, either.
  await new Promise((resolve) => void setTimeout(resolve, 100));
  await append(ledger, [
    event(1),
    event(2, { class_uid: 4001 }),
    event(3, { metadata: { version: '1', product: {} } }),
    event(4),
  ]);
  await until(() => forwarder.status().problem !== null);
  assert.match(forwarder.status().problem ?? '', /cannot be reached/);
  let text = '';
  const server = createServer((socket) => socket.on('data', (data) => (text += data.toString()))).listen(
    port,
    '127.0.0.1',
  );
  await until(() => text.includes('finding 4'));
  const messages: string[] = [];
  for (let rest = text; rest !== '';) {
    const length = Number(/^(\d+) /.exec(rest)?.[1]);
    const from = String(length).length + 1;
    messages.push(rest.slice(from, from + length));
    rest = rest.slice(from + length);
  }
  assert.deepEqual(
    messages.map((one) => /finding \d/.exec(one)?.[0]),
    ['finding 1', 'finding 4'],
  );
  assert.match(messages[0] ?? '', /^<107>1 2026-\S+ \S+ wardkeep - - - CEF:0\|Wardkeep\|/);
  await until(() => forwarder.status().problem === null);
  await forwarder[Symbol.asyncDispose]();
  server.close();
  await ledger[Symbol.asyncDispose]();
});

test('events go out over HTTP with the token, and a batch that was refused is sent again', async () => {
  const ledger = await ledgerOf('http');
  const forwarder = await forwarderOver(ledger);
  const got: { request: IncomingMessage; body: string }[] = [];
  const server = createHttp((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      got.push({ request, body });
      response.writeHead(got.length === 1 ? 503 : 200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  forwarder.configure({ kind: 'ocsf-http', target: `http://127.0.0.1:${port}/in`, what: 'events' }, 'secret');
  await new Promise((resolve) => void setTimeout(resolve, 100));
  await append(ledger, [event(1, { class_uid: 4001 }), event(2)]);
  await until(() => got.length >= 2);
  assert.equal(got[0]?.body, got[1]?.body);
  assert.deepEqual(
    (got[1]?.body ?? '')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as OcsfEvent).message),
    ['finding 1', 'finding 2'],
  );
  assert.equal(got[1]?.request.headers.authorization, 'Bearer secret');
  assert.equal(got[1]?.request.headers['x-wardkeep-index'], '0-1');
  await forwarder[Symbol.asyncDispose]();
  server.close();
  await ledger[Symbol.asyncDispose]();
});

test('targets that make no sense are refused with advice', () => {
  assert.deepEqual(parseTarget('syslog-cef', 'tls://siem.example'), {
    kind: 'syslog',
    transport: 'tls',
    host: 'siem.example',
    port: 6514,
  });
  for (const [kind, text] of [
    ['syslog-cef', 'siem'],
    ['syslog-cef', 'https://siem'],
    ['ocsf-http', 'file:///etc/passwd'],
    ['ocsf-http', ''],
  ] as const)
    assert.throws(() => parseTarget(kind, text), { code: 'bad_target' }, text);
});
