import { type Log, WardkeepError, entryOf } from '#kernel';
import type { ApiProblem } from './api.ts';
import { ConsoleError, type ProblemCode } from './errors.ts';

const STATUS: Record<ProblemCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid: 400,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  fault: 500,
};

/** What the codes of the modules' errors mean for somebody who asked by HTTP; one that stands not here is our fault. */
const BY_MODULE_CODE: Readonly<Record<string, ProblemCode>> = {
  no_such_user: 'not_found',
  no_such_token: 'not_found',
  no_such_source: 'not_found',
  no_such_incident: 'not_found',
  no_such_suppression: 'not_found',
  no_such_finding: 'not_found',
  no_such_rule: 'not_found',
  no_such_entry: 'not_found',
  name_taken: 'conflict',
  last_administrator: 'conflict',
  too_many: 'conflict',
  too_many_sources: 'conflict',
  held: 'conflict',
  bad_name: 'invalid',
  bad_change: 'invalid',
  bad_option: 'invalid',
  bad_target: 'invalid',
  weak_password: 'invalid',
  wrong_secret: 'invalid',
  link_over: 'invalid',
  bad_sql: 'invalid',
  too_slow: 'invalid',
  too_large: 'too_large',
  not_set_up: 'conflict',
  busy: 'unavailable',
  unavailable: 'unavailable',
  disk_full: 'unavailable',
  write_failed: 'unavailable',
  handle_dead: 'unavailable',
  cancelled: 'unavailable',
};

export interface Problem {
  status: number;
  body: ApiProblem;
  /** Seconds, where asking again later helps. */
  retryAfterS: number | null;
}

/** An error as an answer. What nobody foresaw is said to be a fault, and its words stay in the log. */
export function problemOf(error: unknown, { id, log }: { id: string; log: Log }): Problem {
  const code = codeOf(error);
  if (code === 'fault' || !(error instanceof WardkeepError)) {
    log.error('a request failed', error, { request: id });
    const message = 'something went wrong here';
    const advice = 'try again; when it stays, look for this id in the log of the server';
    return { status: STATUS.fault, body: { code: 'fault', message, advice, id }, retryAfterS: null };
  }
  return {
    status: STATUS[code],
    body: { code, message: error.message, advice: error.advice ?? null, id },
    retryAfterS: code === 'rate_limited' || code === 'unavailable' ? 5 : null,
  };
}

function codeOf(error: unknown): ProblemCode {
  if (error instanceof ConsoleError) return error.code;
  return (error instanceof WardkeepError ? entryOf(BY_MODULE_CODE, error.code) : undefined) ?? 'fault';
}
