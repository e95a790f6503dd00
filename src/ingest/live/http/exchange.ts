import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#kernel';
import { LiveError } from '../errors.ts';
import { RETRY_AFTER_S } from '../limits.ts';
import type { LiveIntake, LiveSource, SourceKind, Submission, SubmissionResult } from '../types.ts';
import { type BodyReader, busy } from './body.ts';
import { HttpProblem } from './problem.ts';

/** One request and what answering it needs. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: URLSearchParams;
  intake: LiveIntake;
  bodies: BodyReader;
  clock: Clock;
}

/** A protocol over HTTP: which requests are its own, how it answers, and how it refuses. */
export interface Protocol {
  kind: SourceKind;
  /** Null when the request is not of this protocol. */
  handlerOf: (method: string, path: string) => ((exchange: Exchange) => Promise<void>) | null;
  refuse: (problem: HttpProblem, request: IncomingMessage) => Refusal;
}

export interface Refusal {
  body: unknown;
  contentType?: string;
  /** Where the protocol's senders take another status for what the problem's own means. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** The connection is closed in place of an answer, for a sender that takes each answer for the end of the matter. */
  isHungUp?: boolean;
}

const BASIC = /^basic$/i;
const API_KEY = /^apikey$/i;

/**
 * The source whose token the request brings.
 * @throws {HttpProblem} 401 without one, 403 where it is nobody's or another protocol's.
 */
export function sourceOf({ request, intake }: Pick<Exchange, 'request' | 'intake'>, kind: SourceKind): LiveSource {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').trim().split(/\s+/, 2);
  if (value === '') throw new HttpProblem(401, 'a token is required');
  const source = intake.sourceOfToken(tokenOf(scheme, value));
  if (source === null) throw new HttpProblem(403, 'this token is not known');
  if (source.kind !== kind) throw new HttpProblem(403, `this token is of a source of kind ${source.kind}, not ${kind}`);
  return source;
}

/** `Bearer T`, `Splunk T`, `ApiKey base64(id:T)`, `Basic base64(user:T)`. */
function tokenOf(scheme: string, value: string): string {
  if (!BASIC.test(scheme) && !API_KEY.test(scheme)) return value;
  const plain = Buffer.from(value, 'base64').toString('latin1');
  return plain.slice(plain.indexOf(':') + 1);
}

/**
 * The body of a request, once it is clear that it can be taken.
 * @throws {HttpProblem}
 */
export async function bodyOf({ request, intake, bodies }: Exchange): Promise<Buffer> {
  const { shut } = intake.load();
  if (shut !== null) throw new HttpProblem(503, shut);
  if (intake.isFull()) throw busy();
  return bodies.read(request);
}

/** @throws {HttpProblem} 413, 503 */
export async function submitted(
  { intake, clock }: Exchange,
  source: LiveSource,
  submission: Pick<Submission, 'framing' | 'bytes' | 'lengths' | 'notes'>,
): Promise<SubmissionResult> {
  try {
    const labels = ['transport:http'];
    return await intake.submit({ ...submission, sourceId: source.id, receivedMs: clock.nowMs(), labels });
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    if (error.code === 'too_large') throw new HttpProblem(413, error.message);
    if (error.code === 'no_such_source') throw new HttpProblem(403, error.message);
    if (error.code === 'mapping_failed') throw new HttpProblem(422, error.message);
    throw new HttpProblem(503, error.message);
  }
}

export function reply(response: ServerResponse, status: number, body: unknown, contentType = 'application/json'): void {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', bytes.length);
  if (status === 503 || status === 408) response.setHeader('retry-after', RETRY_AFTER_S);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="wardkeep"');
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
