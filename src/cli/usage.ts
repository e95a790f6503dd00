import { messageOf } from '#kernel';

/** Wrong use of a command: exit code 2 and a pointer to `--help`. */
export class UsageError extends Error {}

/** What is wrong, in one sentence. Node adds a hint about `--` to unknown options, which helps nobody who mistyped one. */
export function usageSentence(error: unknown): string {
  const [first = ''] = messageOf(error).split(/\. To specify a positional argument/);
  return first;
}

/** The value of `--data`, which must be given. */
export function requireData(value: string | undefined): string {
  if (value === undefined || value === '')
    throw new UsageError(
      '--data DIR is missing: the data directory that holds the ledger (`up` says where, in its first line)',
    );
  return value;
}

/** The one positional argument, which must be given; `name`: what the help calls it. */
export function onlyOne(name: string, positionals: readonly string[]): string {
  const [value, ...more] = positionals;
  if (value === undefined || more.length > 0) throw new UsageError(`one ${name} must be named`);
  return value;
}

/** A whole number of at least `least`; undefined when the option was not given. */
export function wholeNumber(option: string, value: string | undefined, least = 0): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least)) throw new UsageError(`${option} takes a whole number of at least ${least}, not "${value}"`);
  return number;
}

const YEAR_MIN = 1970;
const YEAR_MAX = 9999;
const OFFSET = /^[+-](?:0\d|1[0-4]):?[0-5]\d$/;

/** A year of logs that state none; undefined when the option was not given. */
export function yearNumber(value: string | undefined): number | undefined {
  const year = wholeNumber('--year', value, YEAR_MIN);
  if (year !== undefined && year > YEAR_MAX)
    throw new UsageError(`--year takes a year up to ${YEAR_MAX}, not "${value}"`);
  return year;
}

/** A time zone, checked: an IANA name or an offset; undefined when the option was not given. */
export function zoneName(option: string, value: string | undefined): string | undefined {
  if (value === undefined || OFFSET.test(value)) return value;
  try {
    Intl.DateTimeFormat('en-US', { timeZone: value });
    return value;
  } catch {
    throw new UsageError(`${option} takes a time zone like Europe/Berlin, UTC or +02:00, not "${value}"`);
  }
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
