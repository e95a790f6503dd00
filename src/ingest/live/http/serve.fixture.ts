import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SourceKind, intakeRoutes } from '../index.ts';
import { type LivePlace, type Opened, livePlace, openLive } from '../live.fixture.ts';

export interface Served extends Opened {
  url: string;
  port: number;
  /** The token of a new source of this kind. */
  token: (kind: SourceKind) => Promise<string>;
}

export interface ServeOptions {
  place?: LivePlace;
  bodyMsMax?: number;
  /** As `openLive`. */
  live?: Parameters<typeof openLive>[1];
}

/** An intake with its HTTP endpoints on a port of its own. */
export async function serve(t: Parameters<typeof livePlace>[0], options: ServeOptions = {}): Promise<Served> {
  const { place = await livePlace(t), bodyMsMax } = options;
  const live = await openLive(place, options.live);
  const routes = intakeRoutes(live.intake, bodyMsMax === undefined ? {} : { bodyMsMax });
  const server: Server = createServer((request, response) => {
    if (!routes(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...live,
    port,
    url: `http://127.0.0.1:${port}`,
    async token(kind) {
      const create = { name: kind, kind, format: 'auto', zone: null, silentAfterMs: null };
      return (await live.intake.createSource(create)).token ?? '';
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await live[Symbol.asyncDispose]();
    },
  };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** POST, or GET without a body; the answer's JSON. */
export async function send(
  url: string,
  authorization: string | null,
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const auth: Record<string, string> = authorization === null ? {} : { authorization };
  const response = await fetch(url, { method: body === null ? 'GET' : 'POST', body, headers: { ...headers, ...auth } });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}
