import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isLoopback } from './http.ts';
import { METRICS_TYPE } from './metrics.ts';

export interface HealthSources {
  /** Null when all is ready, else why not. */
  unready: () => string | null;
  /** What works less well than it should, though events are taken. */
  impaired: () => string[];
  metrics: () => Promise<string>;
  /** Whether a bearer token may read the figures from another machine. */
  mayRead: (authorization: string | undefined) => Promise<boolean>;
}

/**
 * `/healthz` (the process answers), `/readyz` (it takes events; 503 and the reason otherwise; in
 * further lines what is impaired all the same) and `/metrics` (Prometheus;
 * from this machine, or with a token of scope `read`). Everything else is for `next`.
 */
export function withHealth(sources: HealthSources, next: RequestListener): RequestListener {
  return (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz') answer(response, 200, 'ok\n');
    else if (path === '/readyz') {
      const why = sources.unready();
      answer(response, why === null ? 200 : 503, `${[why ?? 'ready', ...sources.impaired()].join('\n')}\n`);
    } else if (path === '/metrics') void metrics(sources, request, response);
    else next(request, response);
  };
}

async function metrics(sources: HealthSources, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    // A proxy on this machine speaks for others.
    const isHere = isLoopback(request.socket.remoteAddress) && request.headers['x-forwarded-for'] === undefined;
    if (!isHere && !(await sources.mayRead(request.headers.authorization)))
      answer(response, 401, 'a token of scope "read" is needed\n');
    else answer(response, 200, await sources.metrics(), METRICS_TYPE);
  } catch {
    answer(response, 500, 'the figures could not be read\n');
  }
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
