import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Overview } from '#console';
import { KIB, MIB, systemErrorCode } from '#kernel';
import { auditLedger, openLedger } from '#ledger';
import { Visitor, sendLines, serverPlace, startAt, until } from './support/server.ts';
import { logLine } from './support/log-lines.ts';

/** A volume of our own, small enough to be filled; null with the reason where nothing may be mounted. */
function smallVolume(t: { after: (done: () => void) => void }): string | null {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-volume-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=224m,mode=0700', 'tmpfs', base]);
  t.after(() => {
    if (mounted.status === 0) execFileSync('umount', ['--lazy', base]);
    rmSync(base, { recursive: true, force: true });
  });
  return mounted.status === 0 ? base : null;
}

/** Fills the volume to the last byte. */
function fill(path: string): void {
  for (const bytes of [MIB, 4 * KIB, 64])
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      assert.equal(systemErrorCode(error), 'ENOSPC');
    }
}

test('a full disk stops intake with words and nothing else; with room again all goes on without a restart', async (t) => {
  const base = smallVolume(t);
  if (base === null) return t.skip('no right to mount');
  const place = serverPlace(t, base);
  const server = await startAt(t, place);
  const visitor = await Visitor.settingUp(server);
  const token = await visitor.newSource('ndjson');
  const acknowledged: string[] = [];
  let line = 0;
  const send = async (): Promise<number> => {
    const lines = Array.from({ length: 20 }, () => logLine((line += 1)));
    const status = await sendLines(server, token, lines);
    if (status === 200) acknowledged.push(...lines);
    return status;
  };
  const syslog = connect({ host: '127.0.0.1', port: server.ports.syslogTcp ?? 0 });
  await once(syslog, 'connect');
  const written: string[] = [];
  const write = (): void => {
    const text = logLine((line += 1), 'over syslog');
    written.push(text);
    syslog.write(`${text}\n`);
  };
  for (let n = 0; n < 10; n += 1) {
    assert.equal(await send(), 200);
    write();
  }
  const ballast = join(base, 'ballast');
  fill(ballast);

  await until(async () => (await send()) === 503, 'a sender is told to come again');
  for (let n = 0; n < 200; n += 1) write();
  const refused = await fetch(`http://127.0.0.1:${server.ports.http}/ingest/ndjson`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{}\n',
  });
  assert.deepEqual([refused.status, refused.headers.has('retry-after')], [503, true]);
  const ready = await fetch(`${server.consoleUrl}/readyz`);
  assert.deepEqual([ready.status, /cannot write|are free/.test(await ready.text())], [503, true]);
  await until(
    async () => (await visitor.ask<Overview>('GET', '/overview')).troubles.some(({ code }) => code === 'intake-shut'),
    'the overview says so',
  );
  // What only reads is answered; what would have to be recorded first is refused with words, and done by nobody.
  assert.equal((await visitor.response('GET', '/incidents?limit=10')).status, 200);
  assert.equal((await visitor.response('GET', '/sources')).status, 200);
  const search = await visitor.response('GET', '/events?limit=10');
  assert.ok(search.status === 200 || search.status === 503, `${search.status} ${await search.text()}`);
  const change = await visitor.response('POST', '/sources', { name: 'another', kind: 'ndjson' });
  assert.equal(change.status, 503, await change.text());
  const stranger = new Visitor(server.consoleUrl);
  const signIn = await stranger.response('POST', '/session', { user: 'ada', password: 'four quiet green lamps' });
  assert.ok(signIn.status === 200 || signIn.status === 503, `${signIn.status} ${await signIn.text()}`);
  await assert.rejects(server.flow.archive.seal({ all: true }), { code: 'write_failed' });
  assert.equal(server.flow.archive.status().state, 'up');

  rmSync(ballast);
  await until(async () => (await send()) === 200, 'events are taken again');
  assert.equal((await fetch(`${server.consoleUrl}/readyz`)).status, 200);
  await visitor.newSource('splunk-hec');
  write();
  const named = (id: string): number =>
    server.flow.intake.sources().find(({ source }) => source.kind === id)?.events ?? 0;
  await until(() => named('syslog') >= written.length, 'all that was written over syslog has come');
  await server.flow.archive.seal({ all: true });
  await new Visitor(server.consoleUrl).signIn();
  syslog.destroy();
  await server[Symbol.asyncDispose]();

  assert.equal((await auditLedger(place)).good, true);
  await using ledger = await openLedger({ ...place, mode: 'read' });
  const times = new Map<string, number>();
  for await (const entries of ledger.read())
    for (const { raw } of entries) {
      const text = Buffer.from(raw).toString();
      if (text !== '') times.set(text, (times.get(text) ?? 0) + 1);
    }
  const notOnce = [...acknowledged, ...written].filter((text) => times.get(text) !== 1);
  assert.deepEqual(notOnce, [], 'acknowledged or written over TCP, and not there exactly once');
  assert.deepEqual(
    [...times].filter(([, count]) => count > 1),
    [],
  );
});
