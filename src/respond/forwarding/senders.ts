import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import type { OcsfEvent } from '#ingest';
import { systemErrorCode } from '#kernel';
import { cefOf } from './cef.ts';
import { ForwardingError } from './errors.ts';
import type { Target } from './target.ts';

export interface Forwarded {
  index: number;
  event: OcsfEvent;
}

/** Sends a batch, in order; resolves when the receiver has it as far as its protocol can tell. */
export interface Sender extends AsyncDisposable {
  /** @throws {ForwardingError} `unreachable`, `refused` */
  send(batch: readonly Forwarded[]): Promise<void>;
}

const SEND_MS_MAX = 30_000;
/** Facility 13 (log audit); the severity follows. */
const FACILITY = 13;
/** OCSF severity 0 to 6 → syslog severity (RFC 5424, 6.2.1). */
const SYSLOG_SEVERITIES = [6, 6, 5, 4, 3, 2, 1] as const;
/** A datagram longer than this is cut by many receivers. */
const DATAGRAM_BYTES_MAX = 8_192;

export function createSender(target: Target, options: { token: string | null; version: string }): Sender {
  if (target.kind === 'http') return httpSender(target.url, options.token);
  return target.transport === 'udp' ? udpSender(target, options.version) : streamSender(target, options.version);
}

/** An RFC 5424 message around a CEF line. */
export function syslogMessage({ index, event }: Forwarded, version: string): string {
  const priority = FACILITY * 8 + (SYSLOG_SEVERITIES[event.severity_id] ?? 6);
  return `<${priority}>1 ${new Date(event.time).toISOString()} ${hostname()} wardkeep - - - ${cefOf(event, index, version)}`;
}

function httpSender(url: string, token: string | null): Sender {
  return {
    async send(batch) {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: {
          'content-type': 'application/x-ndjson',
          // What is sent twice after a broken connection can be told by it.
          'x-wardkeep-index': `${batch[0]?.index ?? 0}-${batch.at(-1)?.index ?? 0}`,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: batch.map(({ event }) => `${JSON.stringify(event)}\n`).join(''),
        signal: AbortSignal.timeout(SEND_MS_MAX),
      }).catch((error: unknown) => {
        throw unreachable(error);
      });
      await response.body?.cancel();
      if (!response.ok) throw new ForwardingError('refused', `the receiver answers ${response.status}`);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

type SyslogTarget = Extract<Target, { kind: 'syslog' }>;

/** Octet-counted frames (RFC 6587, 3.4.1; RFC 5425), over a connection that stays open. */
function streamSender(target: SyslogTarget, version: string): Sender {
  let socket: Socket | null = null;
  return {
    async send(batch) {
      socket = socket === null || socket.destroyed ? await opened(target) : socket;
      const frames = batch.map((one) => {
        const message = syslogMessage(one, version);
        return `${Buffer.byteLength(message)} ${message}`;
      });
      await written(socket, frames.join(''));
    },
    async [Symbol.asyncDispose]() {
      socket?.end();
    },
  };
}

async function opened({ transport, host, port }: SyslogTarget): Promise<Socket> {
  const socket = transport === 'tls' ? connectTls({ host, port, servername: host }) : connect({ host, port });
  socket.setKeepAlive(true);
  socket.setTimeout(SEND_MS_MAX, () => socket.destroy());
  try {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(SEND_MS_MAX) });
  } catch (error) {
    socket.destroy();
    throw unreachable(error);
  }
  // A receiver that hangs up is noticed at the next batch.
  socket.on('error', () => undefined).on('end', () => socket.destroy());
  socket.setTimeout(0);
  socket.resume();
  return socket;
}

function written(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), SEND_MS_MAX);
    socket.write(text, (error) => {
      clearTimeout(timer);
      if (error === undefined || error === null) resolve();
      else reject(unreachable(error));
    });
  });
}

function udpSender({ host, port }: SyslogTarget, version: string): Sender {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.unref();
  return {
    async send(batch) {
      for (const one of batch) {
        const message = Buffer.from(syslogMessage(one, version)).subarray(0, DATAGRAM_BYTES_MAX);
        await new Promise<void>((resolve, reject) => {
          socket.send(message, port, host, (error) => (error === null ? resolve() : reject(unreachable(error))));
        });
      }
    },
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

function unreachable(error: unknown): ForwardingError {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = systemErrorCode(inner) ?? (error instanceof Error ? error.name : 'unknown fault');
  return new ForwardingError('unreachable', `the receiver cannot be reached (${code})`, { cause: error });
}
