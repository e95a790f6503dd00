export interface ApiProblem {
  /** Closed set, for programs: `unauthenticated`, `forbidden`, `not_found`, `invalid`, `conflict`, `too_large`, `rate_limited`, `unavailable`, `fault`. */
  code: string;
  /** A sentence for a person, without record content. */
  message: string;
  advice: string | null;
  /** Stands in the server's log, too. */
  id: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
