import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Incident, IncidentSummary, Overview, Page } from '#console';
import { systemClock } from '#kernel';
import { auditLedger } from '#ledger';
import { STORIES, createHospital, hospitalStream, openWires, play } from '#sample';
import { type RunningServer, readStatus } from '#server';
import { Visitor, serverPlace, startAt } from './support/server.ts';

const MINUTE = 60_000;

/** Plays stories over the real ports, with a little ordinary traffic around them. */
async function playStories(server: RunningServer, visitor: Visitor, ids: readonly string[]): Promise<void> {
  const tokenOf = async (name: string, kind: string): Promise<string> =>
    (await visitor.ask<{ token: string }>('POST', '/sources', { name, kind })).token;
  const host = '127.0.0.1';
  await using wires = openWires({
    http: `http://${host}:${server.ports.http}`,
    tokens: {
      ehr: await tokenOf('EHR', 'fhir-auditevent'),
      windows: await tokenOf('Windows', 'elastic-bulk'),
      zeek: await tokenOf('Zeek', 'ndjson'),
      entra: await tokenOf('Entra', 'splunk-hec'),
    },
    mllp: { host, port: server.ports.mllp ?? 0 },
    syslog: { host, port: server.ports.syslogTcp ?? 0 },
  });
  const nowMs = Date.now();
  const stories = STORIES.filter(({ id }) => ids.includes(id)).map((story) => ({
    story,
    fromMs: Math.floor((nowMs - story.lengthMs - 10 * MINUTE) / MINUTE) * MINUTE,
  }));
  const fromMs = Math.min(...stories.map(({ fromMs }) => fromMs));
  await play({
    stream: hospitalStream({ hospital: createHospital(), fromMs, toMs: nowMs, stories, thinnedBy: 10 }),
    wires,
    speed: null,
  });
  await settled(server);
}

async function settled({ flow }: RunningServer): Promise<void> {
  await flow.intake.settled();
  await flow.detector.settled();
  // Findings are kept one after the other; the last question waits behind them.
  await flow.incidents.position();
  await new Promise((resolve) => void setTimeout(resolve, 200));
}

test('a hospital sends over its real protocols, and its attacks stand in the console as incidents', async (t) => {
  const place = serverPlace(t);
  const server = await startAt(t, place);
  const visitor = await Visitor.settingUp(server);
  // Where nothing sends yet, nothing is called safe.
  assert.equal((await visitor.ask<Overview>('GET', '/overview')).verdict, 'look');
  await playStories(server, visitor, ['vendor', 'tablet']);

  const { items } = await visitor.ask<Page<IncidentSummary>>('GET', '/incidents?limit=50');
  const vendor = items.find(({ entities }) => entities.some(({ name }) => name === 'ext-imagevendor'));
  assert.equal(vendor?.severity, 'critical', JSON.stringify(items.map(({ title }) => title)));
  const incident = await visitor.ask<Incident>('GET', `/incidents/${vendor.id}`);
  assert.match(incident.story.join(' '), /ext-imagevendor/);
  assert.match(incident.actions[0]?.text ?? '', /ext-imagevendor/);
  const evidence = incident.timeline[0]?.events[0] ?? -1;
  const receipt = await fetch(`${server.consoleUrl}/api/v1/events/${evidence}/receipt`);
  assert.equal(receipt.status, 401, 'a receipt is for those who are signed in');
  assert.equal((await visitor.ask<Overview>('GET', '/overview')).verdict, 'act');

  const metrics = await (await fetch(`${server.consoleUrl}/metrics`)).text();
  assert.match(metrics, /^wardkeep_ledger_entries \d+$/m);
  assert.match(metrics, /^wardkeep_incidents_open\{severity="critical"\} 1$/m);
  assert.equal((await fetch(`${server.consoleUrl}/readyz`)).status, 200);
  const status = readStatus(place.dir, systemClock);
  assert.equal(status.kind, 'running');

  const findings = (await visitor.ask<Page<{ uid: string }>>('GET', '/findings?limit=200')).items;
  await server[Symbol.asyncDispose]();
  assert.equal(readStatus(place.dir, systemClock).kind, 'none');

  const again = await startAt(t, place);
  assert.equal(again.setup, null);
  const back = new Visitor(again.consoleUrl);
  await back.signIn();
  const kept = await back.ask<Page<IncidentSummary>>('GET', '/incidents?limit=50');
  assert.deepEqual(
    kept.items.map(({ id, findings }) => [id, findings]),
    items.map(({ id, findings }) => [id, findings]),
  );
  assert.deepEqual(
    (await back.ask<Page<{ uid: string }>>('GET', '/findings?limit=200')).items.map(({ uid }) => uid),
    findings.map(({ uid }) => uid),
  );
  await again[Symbol.asyncDispose]();
  const report = await auditLedger(place);
  assert.equal(report.good, true);
});

test('garbage on every port and half-open connections hurt nobody; the next sender is served', async (t) => {
  const server = await startAt(t, serverPlace(t));
  const visitor = await Visitor.settingUp(server);
  const ports = [new URL(server.consoleUrl).port, server.ports.http, server.ports.syslogTcp, server.ports.mllp].map(
    Number,
  );
  for (const port of ports) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 167) % 256)));
    connect({ host: '127.0.0.1', port })
      .on('error', () => undefined)
      .unref();
    setTimeout(() => socket.destroy(), 500).unref();
  }
  const { token } = await visitor.ask<{ token: string }>('POST', '/sources', { name: 'x', kind: 'ndjson' });
  const response = await fetch(`http://127.0.0.1:${server.ports.http}/ingest/ndjson`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{"class_uid":0,"message":"after the garbage"}\n',
  });
  assert.equal(response.status < 300, true, String(response.status));
  const wrong = await fetch(`http://127.0.0.1:${server.ports.http}/ingest/ndjson`, {
    method: 'POST',
    headers: { authorization: 'Bearer wrong' },
    body: '{}\n',
  });
  assert.equal(wrong.status, 403);
  await server[Symbol.asyncDispose]();
});

test('a console on another address speaks TLS with its own authority', async (t) => {
  const server = await startAt(t, serverPlace(t), { tls: { console: 'on' } });
  assert.match(server.consoleUrl, /^https:/);
  const ca = readFileSync(server.authorityFile ?? '', 'utf8');
  const { request } = await import('node:https');
  const answer = await new Promise<number>((resolve, reject) => {
    request(`${server.consoleUrl}/healthz`, { ca }, (response) => resolve(response.statusCode ?? 0))
      .on('error', reject)
      .end();
  });
  assert.equal(answer, 200);
  await assert.rejects(fetch(`${server.consoleUrl}/healthz`));
  await server[Symbol.asyncDispose]();
});
