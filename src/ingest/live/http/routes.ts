import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Log, silentLog, systemClock } from '#kernel';
import type { LiveIntake } from '../types.ts';
import { BodyReader } from './body.ts';
import { elastic } from './elastic.ts';
import { type Exchange, type Protocol, reply } from './exchange.ts';
import { fhir } from './fhir.ts';
import { hec } from './hec.ts';
import { ndjson } from './ndjson.ts';
import { HttpProblem } from './problem.ts';

const PROTOCOLS: readonly Protocol[] = [ndjson, hec, fhir, elastic];
/** A request that was refused before its end is read no longer than this. */
const DRAIN_MS_MAX = 5_000;

export interface RouteOptions {
  clock?: Clock;
  log?: Log;
  /** A body that takes longer is answered with 408; default `BODY_MS_MAX`. */
  bodyMsMax?: number;
}

/**
 * The HTTP endpoints of the intake: NDJSON, Splunk HEC, Elasticsearch bulk, FHIR. The function takes a request and says
 * whether it is one of them; what it takes it answers, in the form of its protocol.
 */
export function intakeRoutes(
  intake: LiveIntake,
  options: RouteOptions = {},
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { clock = systemClock, log = silentLog } = options;
  const bodies = new BodyReader(options.bodyMsMax);
  return (request, response) => {
    const [path, search] = splitOnce(request.url ?? '/', '?');
    for (const protocol of PROTOCOLS) {
      const handler = protocol.handlerOf(request.method ?? 'GET', path);
      if (handler === null) continue;
      const exchange: Exchange = { request, response, path, query: new URLSearchParams(search), intake, bodies, clock };
      handler(exchange).catch((error: unknown) => refuse(exchange, { protocol, error, log }));
      return true;
    }
    return false;
  };
}

function refuse(
  { request, response }: Exchange,
  { protocol, error, log }: { protocol: Protocol; error: unknown; log: Log },
): void {
  if (!(error instanceof HttpProblem)) log.error('a request to the intake failed', error, { protocol: protocol.kind });
  const problem = error instanceof HttpProblem ? error : new HttpProblem(500, 'this failed; it stands in the log');
  if (response.headersSent || response.destroyed) return;
  const { body, contentType, status = problem.status, headers = {}, isHungUp } = protocol.refuse(problem, request);
  if (isHungUp === true) {
    request.socket.destroy();
    return;
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // A sender that is too slow, or sends too much, is not listened to any longer.
  if (!request.complete) {
    response.setHeader('connection', 'close');
    request.resume();
    setTimeout(() => request.destroy(), DRAIN_MS_MAX).unref();
  }
  reply(response, status, body, contentType);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
