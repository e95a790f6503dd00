/**
 * Peers that mean no good, all at once, in a process of their own: garbage on every port, senders that drip, half-open TLS
 * handshakes, wrong tokens, bodies and frames without an end, and idle connections. Started with `fork` and a `Target` as its
 * only argument; says `{ idle }` when all are at work, and leaves when the parent lets go.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { type Socket, connect } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Target {
  /** TCP ports. */
  http: number;
  console: number;
  syslogTcp: number;
  syslogTls: number;
  mllp: number;
  syslogUdp: number;
  /** Idle connections; from as many addresses as it takes at IDLE_PER_ADDRESS each. */
  idle: number;
  /** Peers of each other kind. */
  each: number;
  /** A good one, under which bodies come that are too large. */
  token: string;
}

export const HOSTILE_PEERS = fileURLToPath(import.meta.url);

/** Idle connections of one address. */
const IDLE_PER_ADDRESS = 300;
const HOST = '127.0.0.1';
/** More than a body may have, and than a frame. */
const POURED_MAX = 17 * 1_048_576;

/** Gives how many idle connections were made. */
async function beginAll(target: Target): Promise<number> {
  const { http, console, syslogTcp, syslogTls, mllp, syslogUdp, each } = target;
  const streams = [http, console, syslogTcp, syslogTls, mllp];
  for (let n = 0; n < each; n += 1) {
    for (const port of streams) again(() => garbage(port));
    for (const [port, head] of drips(target)) again(() => drip(port, head));
    again(() => drip(syslogTls, CLIENT_HELLO.subarray(0, 40)));
    for (const port of [http, console]) again(() => wrongToken(port));
    for (const port of [syslogTcp, mllp]) again(() => endless(port, port === mllp ? '\v' : '<13>1 '));
    again(() => oversize(target, true));
    again(() => oversize(target, false));
  }
  datagrams(syslogUdp);
  return idleOnes([syslogTcp, syslogTls, mllp, http], target.idle);
}

/** Does it over and over, each time when the one before is over. */
function again(work: () => Promise<void>): void {
  const turn = (): void => void work().then(() => setTimeout(turn, 200));
  turn();
}

function open(port: number, from = '127.0.0.2'): Socket {
  return connect({ port, host: HOST, localAddress: from }).on('error', () => undefined);
}

/** Resolves when the connection has ended, by whom ever; ours ends after so long. */
function over(socket: Socket, ms: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), ms);
  return new Promise((resolve) => {
    socket.resume().once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function noise(bytes: number): Buffer {
  return randomBytes(bytes);
}

function garbage(port: number): Promise<void> {
  const socket = open(port);
  socket.write(noise(8_192));
  return over(socket, 1_000);
}

function drips({ http, console, syslogTcp, mllp }: Target): [number, Buffer][] {
  return [
    [http, Buffer.from('POST /ingest/ndjson HTTP/1.1\r\nhost: x\r\nx-a: ')],
    [console, Buffer.from('GET /api/v1/overview HTTP/1.1\r\nhost: x\r\nx-a: ')],
    [syslogTcp, Buffer.from('5000 <13>1 ')],
    [mllp, Buffer.from('\vMSH|^~\\&|')],
  ];
}

/** A byte now and then, and never the whole. */
function drip(port: number, head: Buffer): Promise<void> {
  const socket = open(port, '127.0.0.3');
  socket.write(head);
  const timer = setInterval(() => socket.write('a'), 200);
  return over(socket, 600_000).finally(() => clearInterval(timer));
}

/** The head of a TLS 1.2 ClientHello that states more than ever comes. */
const CLIENT_HELLO = Buffer.concat([Buffer.from('16030102000100', 'hex'), Buffer.from('01fc0303', 'hex'), noise(64)]);

function wrongToken(port: number): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(
      {
        port,
        host: HOST,
        localAddress: '127.0.0.4',
        method: 'POST',
        path: '/ingest/ndjson',
        headers: { authorization: `Bearer ${noise(24).toString('hex')}` },
      },
      (answer) => answer.resume(),
    );
    sent.on('error', () => undefined).once('close', () => resolve());
    sent.end('{"message":"nobody sent this"}\n');
  });
}

/** More than a body may have: stated, or found out on the way. */
function oversize({ http, token }: Target, isStated: boolean): Promise<void> {
  const socket = open(http, '127.0.0.5');
  const length = isStated ? 'content-length: 900000000' : 'transfer-encoding: chunked';
  socket.write(`POST /ingest/ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${length}\r\n\r\n`);
  pour(socket, isStated ? Buffer.alloc(65_536, 'x') : Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`));
  return over(socket, 2_000);
}

function endless(port: number, head: string): Promise<void> {
  const socket = open(port, '127.0.0.6');
  socket.write(head);
  pour(socket, Buffer.alloc(65_536, 'x'));
  return over(socket, 2_000);
}

/** As much as is taken, up to `POURED_MAX`; then nothing more comes, and no end. */
function pour(socket: Socket, piece: Buffer): void {
  let poured = 0;
  const more = (): void => {
    while (!socket.destroyed && poured < POURED_MAX && socket.write(piece)) poured += piece.length;
  };
  socket.on('drain', more);
  more();
}

function datagrams(port: number): void {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.7');
  setInterval(() => {
    for (let n = 0; n < 5; n += 1) socket.send(noise(1 + Math.floor(Math.random() * 1_200)), port, HOST);
  }, 20);
}

/** Connections on which nothing ever comes, one port after the other. */
async function idleOnes(ports: readonly number[], count: number): Promise<number> {
  let made = 0;
  for (const [n, port] of ports.entries()) {
    const share = Math.floor(count / ports.length) + (n < count % ports.length ? 1 : 0);
    const coming = Array.from({ length: share }, async (_, i) => {
      const socket = open(port, `127.0.1.${1 + Math.floor(i / IDLE_PER_ADDRESS)}`);
      await new Promise<void>((resolve) => socket.resume().once('connect', resolve).once('close', resolve));
      made += 1;
    });
    await Promise.all(coming);
  }
  return made;
}

if (process.send !== undefined && process.argv[1] === HOSTILE_PEERS) {
  process.once('disconnect', () => process.exit(0));
  const target = JSON.parse(process.argv[2] ?? '') as Target;
  const idle = await beginAll(target);
  process.send({ idle });
}
