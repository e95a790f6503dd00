import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Log, silentLog } from '#kernel';
import { parseConfig } from '#kernel/config';
import { type RunningServer, startServer } from '#server';

const PASSWORD = 'four quiet green lamps';

type After = { after: (done: () => void | Promise<void>) => void };

export interface ServerPlace {
  dir: string;
  keyFile: string;
}

/** Where a server of a test keeps its data; gone with the test. */
export function serverPlace(t: After, base = mkdtempSync(join(tmpdir(), 'wardkeep-server-'))): ServerPlace {
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return { dir: join(base, 'data'), keyFile: join(base, 'master.key') };
}

/** A whole server on ports of its own; stopped with the test, and stopping it twice does nothing. */
export async function startAt(
  t: After,
  place: ServerPlace,
  {
    clock,
    log = silentLog,
    syslogTls = false,
    ...change
  }: { clock?: Clock; log?: Log; syslogTls?: boolean; intake?: object; http?: object; tls?: object } = {},
): Promise<RunningServer> {
  const config = parseConfig(JSON.stringify(change), 'test');
  const intake = { ...config.intake, http: 0, syslogUdp: 0, syslogTcp: 0, syslogTls: syslogTls ? 0 : null, mllp: 0 };
  const server = await startServer({
    ...place,
    config: { ...config, http: { ...config.http, port: 0 }, intake: { ...intake, ...change.intake } },
    version: '0.0.0-test',
    env: { XDG_DATA_HOME: place.dir },
    log,
    ...(clock === undefined ? {} : { clock }),
  });
  t.after(async () => server[Symbol.asyncDispose]());
  return server;
}

/** Somebody at a browser: keeps the cookie. */
export class Visitor {
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = `${url}/api/v1`;
  }

  /** The first administrator of a new server, signed in. */
  static async settingUp(server: RunningServer): Promise<Visitor> {
    const visitor = new Visitor(server.consoleUrl);
    const token = new URL(server.setup?.url ?? '').searchParams.get('token');
    await visitor.ask('POST', '/setup', { token, hospital: 'Riverside', zone: 'UTC', user: 'ada', password: PASSWORD });
    return visitor;
  }

  signIn(): Promise<unknown> {
    return this.ask('POST', '/session', { user: 'ada', password: PASSWORD });
  }

  /** The answer as it comes. */
  async response(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-wardkeep': '1', cookie: this.#cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    return response;
  }

  /** The content of an answer, which must be a good one. */
  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.response(method, path, body);
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as Answer;
  }

  async newSource(kind: string): Promise<string> {
    return (await this.ask<{ token: string }>('POST', '/sources', { name: kind, kind })).token;
  }
}

/** Sends lines as NDJSON to the intake; gives the status, 0 where the connection broke. */
export async function sendLines(server: RunningServer, token: string, lines: readonly string[]): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${server.ports.http}/ingest/ndjson`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: `${lines.join('\n')}\n`,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Waits for something that comes about by itself. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let n = 0; n < 600; n += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`never came to be: ${what}`);
}
