import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  ApiToken,
  RulePreview,
  SavedFilter,
  StreamEvent,
  SuppressPreview,
  Suppression,
} from '../../../src/console/api.ts';
import { type MadeData, MADE_NOW, summaryOf } from './made-data.ts';
import { planted } from './planted.ts';

const DIST = fileURLToPath(new URL('../../../dist/web', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** As the console's own server has it (`src/console/headers.ts`): scripts from this origin, styles under the page's nonce. */
const NONCE = 'bWFkZSBub25jZSBmb3IgdGVzdHM=';
const POLICY = [
  "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'",
  `style-src 'self' 'nonce-${NONCE}'; img-src 'self' data:; manifest-src 'self'; frame-ancestors 'none'`,
].join('; ');

const HUNT_VIEWS = [
  {
    name: 'events',
    description: 'Every event, one row each.',
    columns: [{ name: 'time', type: 'TIMESTAMP', description: 'when it happened' }],
    example: "SELECT date_trunc('hour', time) AS hour, count(*) FROM events GROUP BY hour",
  },
];

const LEDGER = {
  origin: 'wardkeep.invalid/made',
  size: 0,
  root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  checkpoint: 'wardkeep.invalid/made\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
  checkpointMs: MADE_NOW,
  vkeys: [{ name: 'wardkeep.invalid/made', algorithm: 'Ed25519', vkey: 'wardkeep.invalid/made+00000000+AAAA' }],
  policy: 'log wardkeep.invalid/made+00000000+AAAA',
  retention: { recordDays: 2190, telemetryDays: 30 },
  holds: [{ id: 'hold1', reason: 'A claim for damages', fromMs: null, toMs: null }],
  erased: 0,
  bytes: 0,
};

/** What stands behind addresses that lead to nothing else of the made data. */
const FURTHER = {
  views: HUNT_VIEWS,
  ledger: LEDGER,
  suppressions: [
    {
      id: 'x1',
      ruleId: 'rule-1',
      entities: [{ kind: 'device', name: 'RAD-PC-14' }],
      reason: 'The backup agent reads it each night.',
      expiresMs: MADE_NOW + 86_400_000,
      author: 'maria.ortega',
      createdMs: MADE_NOW,
      hiddenSoFar: 12,
    },
  ] satisfies Suppression[],
  filters: [
    {
      id: 'f1',
      name: 'Failed sign-ins of today',
      page: 'events',
      search: 'since=day&class=3002&outcome=failure',
      isShared: true,
      author: 'maria.ortega',
      changedMs: MADE_NOW,
    },
  ] satisfies SavedFilter[],
  tokens: [
    {
      id: 't1',
      name: 'Dashboard of the ward',
      scopes: ['read'],
      createdMs: MADE_NOW,
      expiresMs: MADE_NOW + 86_400_000,
      lastUsedMs: null,
    },
  ] satisfies ApiToken[],
  totp: { uri: 'otpauth://totp/Wardkeep:maria?secret=JBSWY3DPEHPK3PXP&issuer=Wardkeep', secret: 'JBSWY3DPEHPK3PXP' },
};

export interface MadeServer extends AsyncDisposable {
  url: string;
  /** Sends an event to every open stream. */
  tell(event: StreamEvent): void;
  /** Resolves when a browser listens. */
  streamOpened(): Promise<void>;
  /** Cuts all streams and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
  data: MadeData;
  signedIn: boolean;
}

/** The console's interface over made data: for looking at pages in every state, without a hospital behind them. */
export async function startMadeServer(
  data: MadeData,
  options: { signedIn?: boolean; hostile?: string } = {},
): Promise<MadeServer> {
  const extras = options.hostile === undefined ? FURTHER : planted(FURTHER, options.hostile);
  const streams = new Set<ServerResponse>();
  let isCut = false;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://made.invalid');
    if (!url.pathname.startsWith('/api/v1')) return serveFile(url.pathname, response);
    if (url.pathname === '/api/v1/stream') {
      if (isCut) return reply(response, 503, problem('unavailable'));
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': here\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    void readBody(request).then((body) => {
      const answer = route({ ...made, extras, signedIn: made.signedIn }, request.method ?? 'GET', url, body, (is) => {
        made.signedIn = is;
      });
      reply(response, answer.status ?? 200, answer.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  let id = 0;
  const made: MadeServer = {
    url: `http://localhost:${port}`,
    data,
    signedIn: options.signedIn ?? true,
    tell(event) {
      id += 1;
      for (const stream of streams) stream.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    async streamOpened() {
      while (streams.size === 0) await setTimeout(20);
    },
    cut() {
      isCut = true;
      for (const stream of streams) stream.destroy();
    },
    restore() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return made;
}

interface Answer {
  status?: number;
  body: unknown;
}

type Made = Pick<MadeServer, 'data' | 'signedIn'> & { extras: typeof FURTHER };

function route(made: Made, method: string, url: URL, body: unknown, sign: (isIn: boolean) => void): Answer {
  const { data, extras } = made;
  const path = url.pathname.slice('/api/v1'.length);
  const [, first = '', second = '', third = ''] = path.split('/');
  const key = `${method} /${first}${second === '' ? '' : '/:id'}${third === '' ? '' : `/${third}`}`;
  const paged = (items: readonly unknown[]): Answer => page(items, url);
  if (path === '/session' && method === 'POST') {
    const { password } = body as { password: string };
    if (password !== 'correct horse battery') return { status: 401, body: problem('unauthenticated') };
    sign(true);
    return { body: data.session };
  }
  if (!made.signedIn) return { status: 401, body: problem('unauthenticated') };
  const answers: Record<string, () => Answer> = {
    'GET /session': () => ({ body: data.session }),
    'DELETE /session': () => {
      sign(false);
      return { status: 204, body: null };
    },
    'GET /overview': () => ({ body: data.overview }),
    'GET /incidents': () => paged(data.incidents.map(summaryOf)),
    'GET /incidents/:id': () => one(data.incidents.find(({ id }) => id === second)),
    'PATCH /incidents/:id': () => {
      const incident = data.incidents.find(({ id }) => id === second);
      return one(incident && Object.assign(incident, body));
    },
    'GET /filters': () => ({ body: extras.filters }),
    'GET /suppressions': () => ({ body: extras.suppressions }),
    'POST /incidents/:id/suppress': () => ({
      body: { hidden: 3, truePositives: 1, examples: data.findings.slice(0, 2) } satisfies SuppressPreview,
    }),
    'POST /rules/:id/preview': () => ({
      body: {
        events: 9_000,
        findings: 12,
        perDay: [{ day: '2026-11-30', findings: 12 }],
        examples: data.events.slice(0, 3),
        isPartial: true,
      } satisfies RulePreview,
    }),
    'POST /rules/:id': () => ({
      body: { imported: 2, failed: [{ file: data.session.hospital, reason: data.session.hospital }], licence: null },
    }),
    'POST /session/:id': () => ({ body: extras.totp }),
    'PATCH /sources/:id': () => {
      const source = data.sources.find(({ id }) => id === second);
      return one(source && Object.assign(source, body));
    },
    'GET /findings': () => paged(data.findings),
    'GET /rules': () => ({ body: data.rules }),
    'GET /rules/:id': () => one(data.rules.find(({ id }) => id === second)),
    'GET /coverage': () => ({ body: data.coverage }),
    'GET /events': () => paged(data.events),
    'GET /events/:id': () => ({ body: data.eventDetail(Number(second)) }),
    'GET /hunt/:id': () => ({ body: second === 'saved' ? data.saved : extras.views }),
    'POST /hunt': () => ({ body: data.hunt() }),
    'GET /sources': () => ({ body: data.sources }),
    'GET /sources/:id': () => one(data.sources.find(({ id }) => id === second)),
    'POST /sources': () => ({ body: { source: data.sources[0], token: 'wk_src_made_token' } }),
    'GET /settings': () => ({ body: data.settings }),
    'GET /users': () => ({ body: data.users }),
    'GET /tokens': () => ({ body: extras.tokens }),
    'GET /ledger': () => ({ body: extras.ledger }),
  };
  return answers[key]?.() ?? { status: 404, body: problem('not_found') };
}

function one(found: unknown): Answer {
  return found === undefined ? { status: 404, body: problem('not_found') } : { body: found };
}

function page(items: readonly unknown[], url: URL): Answer {
  const from = Number(url.searchParams.get('before') ?? '0');
  const limit = Number(url.searchParams.get('limit') ?? '100');
  const next = from + limit < items.length ? String(from + limit) : null;
  return { body: { items: items.slice(from, from + limit), next } };
}

function problem(code: string): unknown {
  return { code, message: `made: ${code}`, advice: null, id: 'req-1' };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body === null ? '' : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function serveFile(path: string, response: ServerResponse): void {
  const wanted = join(DIST, path);
  const file = path !== '/' && wanted.startsWith(DIST) && existsSync(wanted) ? wanted : join(DIST, 'index.html');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  });
  response.end(
    file.endsWith('.html') ? readFileSync(file, 'utf8').replaceAll('__CSP_NONCE__', NONCE) : readFileSync(file),
  );
}
