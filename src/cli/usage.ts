/** Wrong use of a command: exit code 2 and a pointer to `--help`. */
export class UsageError extends Error {}

/** The value of `--data`, which must be given. */
export function requireData(value: string | undefined): string {
  if (value === undefined || value === '')
    throw new UsageError('--data DIR is missing: the data directory that holds the ledger');
  return value;
}

/** A whole number of at least `least`; undefined when the option was not given. */
export function wholeNumber(option: string, value: string | undefined, least = 0): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least)) throw new UsageError(`${option} takes a whole number of at least ${least}, not "${value}"`);
  return number;
}

/** One of the given words; undefined when the option was not given. */
export function oneOf<Word extends string>(
  option: string,
  value: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (value === undefined) return undefined;
  const word = words.find((one) => one === value);
  if (word === undefined) throw new UsageError(`${option} takes ${words.join(', ')}, not "${value}"`);
  return word;
}

/**
 * A moment as milliseconds since the epoch: ISO 8601 (a date alone is its first moment in UTC), or so long ago: `30m`, `24h`, `7d`.
 */
export function moment(option: string, value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const ago = /^(\d{1,6})([mhd])$/.exec(value);
  if (ago !== null)
    return nowMs - Number(ago[1]) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2] as 'm' | 'h' | 'd'];
  const ms = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(`${option} takes a time like 2026-11-24, 2026-11-24T08:00Z, 24h or 7d, not "${value}"`);
  return ms;
}
