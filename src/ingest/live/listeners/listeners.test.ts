import assert from 'node:assert/strict';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Listener, listenMllp, listenSyslogTcp, listenSyslogTls, listenSyslogUdp } from '../index.ts';
import { eventsOf, livePlace, openLive } from '../live.fixture.ts';

const run = promisify(execFile);
const RSYSLOGD = '/usr/sbin/rsyslogd';
const BIND = '127.0.0.1';

async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 750 && !isSo(); n += 1) await sleep(20);
  assert.ok(isSo(), 'it did not come to this within 15 s');
}

/** Also by a reset, which `once` would take for a failure. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

function temporary(t: { after: (done: () => void) => void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-listen-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An authority's certificate that is a server's and a client's at once. */
function certificate(dir: string): { key: Buffer; cert: Buffer; files: { key: string; cert: string } } {
  const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') };
  const subject = ['-subj', '/CN=sender.example.org', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      files.key,
      '-out',
      files.cert,
      ...subject,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(files.key), cert: readFileSync(files.cert), files };
}

test('logger sends over UDP and TCP in both framings; its address announces itself as a source', async (t) => {
  await using live = await openLive(await livePlace(t));
  await using udp = await listenSyslogUdp({ intake: live.intake, bind: BIND, port: 0 });
  await using tcp = await listenSyslogTcp({ intake: live.intake, bind: BIND, port: 0 });
  const send = (listener: Listener, ...args: string[]) =>
    run('logger', ['--server', BIND, '--port', String(listener.port), '-t', 'gate', ...args, 'built connection']);
  await send(udp, '--udp', '--rfc5424');
  await send(tcp, '--tcp', '--rfc5424', '--octet-count');
  await send(tcp, '--tcp', '--rfc3164');
  await until(() => live.ledger.size === 3);
  const events = await eventsOf(live.ledger);
  assert.deepEqual(
    events.map(({ message }) => message),
    Array(3).fill('built connection'),
  );
  const [status, ...others] = live.intake.sources();
  assert.equal(others.length, 0);
  assert.equal(status?.source.name, BIND);
  assert.equal(status.health, 'new');
  await live.intake.changeSource(status.source.id, { name: 'Firewall' });
  assert.equal(live.intake.source(status.source.id)?.health, 'ok');
});

test(
  'rsyslogd forwards what it is given, also what came while nobody listened',
  { skip: !existsSync(RSYSLOGD) && 'no rsyslogd' },
  async (t) => {
    const dir = temporary(t);
    await using live = await openLive(await livePlace(t));
    const first = await listenSyslogTcp({ intake: live.intake, bind: BIND, port: 0 });
    const { port } = first;
    const inbox = join(dir, 'in.sock');
    writeFileSync(
      join(dir, 'rsyslog.conf'),
      `global(workDirectory="${dir}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${inbox}" CreatePath="on" RateLimit.Interval="0")
action(type="omfwd" target="${BIND}" port="${port}" protocol="tcp" TCP_Framing="octet-counted"
  template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList")
`,
    );
    const daemon: ChildProcess = spawn(RSYSLOGD, ['-n', '-f', join(dir, 'rsyslog.conf'), '-i', join(dir, 'pid')], {
      stdio: 'ignore',
    });
    t.after(() => daemon.kill('SIGKILL'));
    await until(() => existsSync(inbox));
    const say = (text: string) => run('logger', ['-u', inbox, '-t', 'ward', text]);
    await say('one');
    await until(() => live.ledger.size >= 1);
    await first[Symbol.asyncDispose]();
    await say('lost in the closing');
    await sleep(300);
    await say('two');
    await using second = await listenSyslogTcp({ intake: live.intake, bind: BIND, port });
    assert.equal(second.port, port);
    await until(() => live.ledger.size >= 2);
    const texts = (await eventsOf(live.ledger)).map(({ message }) => message?.trim());
    assert.ok(texts.includes('one') && texts.includes('two'), texts.join());
  },
);

test('syslog over TLS: a client certificate names its source, half a handshake holds nobody up', async (t) => {
  const { key, cert, files } = certificate(temporary(t));
  await using live = await openLive(await livePlace(t));
  const tls = { key, cert, ca: [cert], requestCert: true, rejectUnauthorized: false };
  await using listener = await listenSyslogTls({ intake: live.intake, bind: BIND, port: 0, tls });
  const half = connect(listener.port, BIND);
  half.on('error', () => undefined);
  half.write(Buffer.from([22, 3, 1]));
  const garbage = connect(listener.port, BIND);
  garbage.on('error', () => undefined);
  garbage.write('GET / HTTP/1.1\r\n\r\n');
  const client = spawn(
    'openssl',
    ['s_client', '-quiet', '-connect', `${BIND}:${listener.port}`, '-cert', files.cert, '-key', files.key],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const message =
    '<110>1 2026-11-24T10:00:00Z ehr atna - IHE+RFC-3881 - <AuditMessage><EventIdentification EventActionCode="R" EventDateTime="2026-11-24T10:00:00Z" EventOutcomeIndicator="0"><EventID csd-code="110110" codeSystemName="DCM" originalText="Patient Record"/></EventIdentification><ActiveParticipant UserID="a" UserIsRequestor="true"/><AuditSourceIdentification AuditSourceID="ehr"/></AuditMessage>';
  client.stdin.write(`${Buffer.byteLength(message)} ${message}`);
  await until(() => live.ledger.size === 1);
  client.kill();
  half.destroy();
  const [event] = await eventsOf(live.ledger);
  assert.match(event?.metadata.log_format ?? '', /^atna/);
  assert.deepEqual(
    live.intake.sources().map(({ source }) => source.name),
    ['sender.example.org'],
  );
});

const HL7 =
  'MSH|^~\\&|LAB|H|EHR|H|20261124100000||ADT^A01|CTRL7|P|2.5\rEVN|A01|20261124100000\rPID|1||77^^^H||Doe^J\rPV1|1|I\r';

/** Reads until the text holds so many acknowledgements. */
async function answers(socket: Socket, count: number): Promise<string[]> {
  let text = '';
  while ((text.match(/MSA\|/g) ?? []).length < count) text += String((await once(socket, 'data'))[0]);
  return [...text.matchAll(/MSA\|([^\r]*)/g)].map(([, one]) => one ?? '');
}

test('MLLP messages are acknowledged when they are durable: AA, AE for what cannot be read, AR while the disk is full', async (t) => {
  let isFull = false;
  const faults = () => (isFull ? { error: Object.assign(new Error('full'), { code: 'ENOSPC' }) } : null);
  await using live = await openLive(await livePlace(t), { faults });
  await using listener = await listenMllp({ intake: live.intake, bind: BIND, port: 0 });
  const socket = connect(listener.port, BIND);
  socket.write(`\x0b${HL7}\x1c\r\x0bwhat is this\x1c\r`);
  const [good, bad] = await answers(socket, 2);
  assert.equal(good, 'AA|CTRL7');
  assert.match(bad ?? '', /^AE\|/);
  assert.equal(live.ledger.size, 2);
  isFull = true;
  socket.write(`\x0b${HL7}\x1c\r`);
  assert.match((await answers(socket, 1))[0] ?? '', /^AR\|CTRL7/);
  isFull = false;
  socket.destroy();
});

test('while nothing can be taken a TCP sender is not read, and nothing of it is lost', async (t) => {
  let isFull = true;
  const faults = (site: string) =>
    isFull && site === 'journal-write' ? { error: Object.assign(new Error('full'), { code: 'ENOSPC' }) } : null;
  await using live = await openLive(await livePlace(t), { faults, probeEveryMs: 50 });
  await using listener = await listenSyslogTcp({ intake: live.intake, bind: BIND, port: 0 });
  const socket = connect(listener.port, BIND);
  for (let n = 0; n < 500; n += 1)
    socket.write(`<13>1 2026-11-24T10:00:00Z h gate - - [meta sequenceId="${n + 1}"] line ${n}\n`);
  socket.end();
  await sleep(100);
  assert.equal(live.ledger.size, 0);
  isFull = false;
  await until(() => live.ledger.size === 500);
  assert.equal(live.intake.sources()[0]?.lost, 0);
  assert.equal(live.intake.sources()[0]?.gaps, 0);
});

test('garbage, oversize and too many connections end by themselves, and others are served', async (t) => {
  await using live = await openLive(await livePlace(t));
  await using tcp = await listenSyslogTcp({
    intake: live.intake,
    bind: BIND,
    port: 0,
    connectionsMax: 2,
    idleMsMax: 200,
  });
  await using mllp = await listenMllp({ intake: live.intake, bind: BIND, port: 0 });
  const ended = async (port: number, bytes: Buffer | string): Promise<void> => {
    const socket = connect(port, BIND);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await closing(socket);
  };
  await ended(tcp.port, '9999999 <13>x');
  await ended(tcp.port, Buffer.alloc(2 * 1024 * 1024, 'x'));
  await ended(mllp.port, Buffer.alloc(64 * 1024, 'x'));
  const idle = [connect(tcp.port, BIND), connect(tcp.port, BIND), connect(tcp.port, BIND)];
  for (const one of idle) one.on('error', () => undefined);
  await Promise.all(idle.map((one) => closing(one.resume())));
  assert.equal(tcp.turnedAway(), 1);
  const good = connect(tcp.port, BIND);
  good.end('<13>1 2026-11-24T10:00:00Z h gate - - - all is well\n');
  await until(() => live.ledger.size >= 1);
  assert.ok((await eventsOf(live.ledger)).some(({ message }) => message === 'all is well'));
});
