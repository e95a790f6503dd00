import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { isIP } from 'node:net';
import { ConnectionGuard, type Log, networksHolding, systemErrorCode } from '#kernel';
import { ServerError } from './errors.ts';
import type { TlsMaterial } from './tls.ts';

/** A whole request must come within this; slow senders give up their place, ms. */
const REQUEST_MS_MAX = 60_000;
const HEADERS_MS_MAX = 15_000;
/** An idle connection stays longer than agents use one again (Fluent Bit 30 s, Go 60 s): no request meets its closing, ms. */
const KEEP_ALIVE_MS = 75_000;
const CONNECTIONS_MAX = 2_000;
/** Browsers open a few each, but offices may share one address. */
const CONNECTIONS_PER_ADDRESS_MAX = 500;
/** Open connections are given so long to finish when the server stops, ms. */
const CLOSE_MS_MAX = 3_000;

export interface HttpPlace {
  bind: string;
  port: number;
  /** Null speaks plain HTTP. */
  tls: TlsMaterial | null;
  /** What is listened for, for the log. */
  name: string;
  /** Addresses and networks of proxies, which speak for many. */
  trustedProxies?: readonly string[];
  log: Log;
}

export interface HttpListener extends AsyncDisposable {
  /** `https://127.0.0.1:8480` */
  url: string;
  port: number;
  /** Connections that were turned away because too many were open, or gave their place to another. */
  turnedAway: () => number;
}

/** Listens for HTTP. @throws {ServerError} `port_taken` */
export async function listenHttp(place: HttpPlace, listener: RequestListener): Promise<HttpListener> {
  const limits = { requestTimeout: REQUEST_MS_MAX, headersTimeout: HEADERS_MS_MAX, keepAliveTimeout: KEEP_ALIVE_MS };
  const { tls, bind } = place;
  const server: Server =
    tls === null
      ? createServer(limits, listener)
      : createSecureServer({ ...limits, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, listener);
  const guard = new ConnectionGuard(server, {
    name: place.name,
    limits: {
      most: CONNECTIONS_MAX,
      mostPerAddress: CONNECTIONS_PER_ADDRESS_MAX,
      speaksForMany: networksHolding(place.trustedProxies ?? []),
    },
    log: place.log,
  });
  server.on('request', ({ socket }: IncomingMessage) => guard.heard(socket));
  await listening(server, place);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : place.port;
  const host = isIP(bind) === 6 ? `[${bind}]` : bind === '0.0.0.0' ? 'localhost' : bind;
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}:${port}`,
    port,
    turnedAway: () => guard.turnedAway,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

function listening(server: Server, { bind, port }: HttpPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = systemErrorCode(error);
      const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be had (${code ?? 'unknown fault'})`;
      reject(
        new ServerError('port_taken', `${bind}:${port} ${why}`, {
          cause: error,
          advice: 'set another port in wardkeep.json, or end the other program; `wardkeep doctor` looks at all ports',
        }),
      );
    });
    server.listen({ host: bind, port }, () => {
      // Faults of single connections are theirs alone.
      server.removeAllListeners('error').on('error', () => undefined);
      resolve();
    });
  });
}

async function closed(server: Server): Promise<void> {
  const end = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
  await end;
  clearTimeout(timer);
}

/** Whether an address is this machine itself. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:127\.|::1$|::ffff:127\.|localhost$)/.test(address);
}
