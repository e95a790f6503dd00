import { z } from 'zod';
import type { Access, Caller } from './caller.ts';
import type { Services } from './services.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route is given when it runs; everything in it was checked. */
export interface Asked<P, Q, B> {
  services: Services;
  /** Null on public routes alone. */
  caller: Caller | null;
  /** Network address of the caller; empty where there is none. */
  address: string;
  params: P;
  query: Q;
  body: B;
  request: Request;
  /** Headers of the answer. */
  headers: Headers;
}

/** What a route answers with when it is not JSON. */
export interface Plain {
  type: string;
  description: string;
  /** Of what a text consists, where that has a form. */
  schema?: z.ZodType;
}

interface RouteShape<P, Q, B, R> {
  method: Method;
  /** Under `/api/v1`, as Hono writes it: `/incidents/:id`. */
  path: string;
  /** One sentence for the description of the API. */
  summary: string;
  access: Access;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  /** JSON of this form; `bytes` takes the body as it is. */
  body?: z.ZodType<B> | { bytes: number; types: readonly string[] };
  /** Largest body of JSON; default `JSON_BYTES_MAX`. */
  bodyBytesMax?: number;
  /** The form of the answer; null = 204 without one. */
  reply: z.ZodType<R> | Plain | null;
  /** Default 200. */
  status?: 200 | 201;
  /**
   * Name of the act, where it changes something and no other module records it: it is recorded in the ledger before it is
   * done, so that nothing is changed that cannot be recorded.
   */
  records?: string;
}

/** A route whose parts fit one another. */
export interface Route extends RouteShape<unknown, unknown, unknown, unknown> {
  run(asked: Asked<unknown, unknown, unknown>): Promise<unknown>;
}

/** Ties the types of a route's parts together; `run` gives the reply, or a `Response` where that is not JSON. */
export function route<P = unknown, Q = unknown, B = unknown, R = null>(
  definition: RouteShape<P, Q, B, R> & { run(asked: Asked<P, Q, B>): Promise<R | Response> },
): Route {
  return definition;
}

export function isPlain(reply: Route['reply']): reply is Plain {
  return reply !== null && !(reply instanceof z.ZodType);
}

export function isBytes(body: Route['body']): body is { bytes: number; types: readonly string[] } {
  return body !== undefined && !(body instanceof z.ZodType);
}

/** The caller of a route that is not public. */
export function callerIn({ caller }: { caller: Caller | null }): Caller {
  if (caller === null) throw new Error('invariant broken: a route that needs a caller was let through without one');
  return caller;
}
