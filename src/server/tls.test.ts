import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { ManualClock } from '#kernel';
import { parseConfig } from '#kernel/config';
import { tlsMaterial } from './tls.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-tls-'));
after(() => rmSync(base, { recursive: true, force: true }));
const DAY = 86_400_000;
const start = Date.UTC(2026, 10, 24);

function config(tls: object = {}) {
  return parseConfig(JSON.stringify({ tls }), 'test').tls;
}

test('the own authority signs a certificate that openssl accepts for this machine, and no second one is made', async () => {
  const dir = join(base, 'own');
  const clock = new ManualClock(Date.now());
  const first = await tlsMaterial(dir, config({ names: ['wardkeep.example'] }), clock);
  const again = await tlsMaterial(dir, config({ names: ['wardkeep.example'] }), clock);
  assert.equal(again.certificate, first.certificate);
  const said = execFileSync(
    'openssl',
    [
      'verify',
      '-CAfile',
      join(dir, 'tls/authority.pem'),
      '-verify_hostname',
      'wardkeep.example',
      join(dir, 'tls/server.pem'),
    ],
    { encoding: 'utf8' },
  );
  assert.match(said, /: OK/);
  for (const key of ['authority.key', 'server.key']) assert.equal(statSync(join(dir, 'tls', key)).mode & 0o777, 0o600);
});

test('a client that trusts the authority speaks TLS 1.3 with it, and one that does not refuses', async () => {
  const { certificate, key, authority } = await tlsMaterial(
    join(base, 'spoken'),
    config(),
    new ManualClock(Date.now()),
  );
  const server = createServer({ cert: certificate, key }, (socket) => socket.end('good'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const speak = (ca: string | undefined): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ...(ca === undefined ? {} : { ca }) });
      socket.on('data', (data) => resolve(`${socket.getProtocol()} ${String(data)}`));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  assert.equal(await speak(authority ?? ''), 'TLSv1.3 good');
  assert.match(await speak(undefined), /SELF_SIGNED|UNABLE_TO/);
  server.close();
});

test('a certificate is renewed before it ends, by the same authority; a new name gives a new one', async () => {
  const dir = join(base, 'renewed');
  const first = await tlsMaterial(dir, config(), new ManualClock(start));
  const later = await tlsMaterial(dir, config(), new ManualClock(start + 300 * DAY));
  assert.equal(later.certificate, first.certificate);
  const renewed = await tlsMaterial(dir, config(), new ManualClock(start + 370 * DAY));
  assert.notEqual(renewed.certificate, first.certificate);
  assert.equal(renewed.authority, first.authority);
  const named = await tlsMaterial(dir, config({ names: ['other.example'] }), new ManualClock(start + 370 * DAY));
  assert.notEqual(named.certificate, renewed.certificate);
});

test('a making that was cut short is done again', async () => {
  const dir = join(base, 'torn');
  const clock = new ManualClock(Date.now());
  await tlsMaterial(dir, config(), clock);
  writeFileSync(join(dir, 'tls/server.key'), 'torn');
  const { certificate, key } = await tlsMaterial(dir, config(), clock);
  assert.match(key, /BEGIN PRIVATE KEY/);
  assert.match(certificate, /BEGIN CERTIFICATE/);
});

test('given files are used as they are, and a pair that does not fit is refused with advice', async () => {
  const dir = join(base, 'given');
  const clock = new ManualClock(Date.now());
  await tlsMaterial(join(base, 'other'), config(), clock);
  await tlsMaterial(dir, config(), clock);
  const certificate = join(dir, 'tls/server.pem');
  const key = join(dir, 'tls/server.key');
  const material = await tlsMaterial(dir, config({ certificate, key }), clock);
  assert.equal(material.certificate, readFileSync(certificate, 'utf8'));
  assert.equal(material.authority, null);
  const other = join(base, 'other/tls/server.key');
  await assert.rejects(tlsMaterial(dir, config({ certificate, key: other }), clock), { code: 'bad_certificate' });
  await assert.rejects(tlsMaterial(dir, config({ certificate }), clock), { code: 'bad_certificate' });
});
