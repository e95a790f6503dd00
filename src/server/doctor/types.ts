/** What one check found. */
export interface Diagnosis {
  /** Stable, for programs: `disk-space`. */
  code: string;
  /** `warn`: works, and should not stay so; `fail`: does not work, or data is at risk. */
  state: 'good' | 'warn' | 'fail';
  /** What is so, in one sentence. */
  text: string;
  /** What to do about it; null when all is well. */
  advice: string | null;
}

export function good(code: string, text: string): Diagnosis {
  return { code, state: 'good', text, advice: null };
}

export function warn(code: string, text: string, advice: string): Diagnosis {
  return { code, state: 'warn', text, advice };
}

export function fail(code: string, text: string, advice: string): Diagnosis {
  return { code, state: 'fail', text, advice };
}
