import { WardkeepError } from '#kernel';

/** What an answer of the API can say went wrong: `ApiProblem.code`. */
export type ProblemCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'fault';

/** A request that is answered with a problem. */
export class ConsoleError extends WardkeepError<ProblemCode> {}
