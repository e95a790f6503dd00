import { isIP } from 'node:net';
import { className, classUids } from '#ingest';
import { UsageError, moment } from './usage.ts';

/** What `events` is asked for; each that is given must fit. */
export interface EventFilter {
  /** Event time, ms, inclusive and exclusive. */
  sinceMs: number | undefined;
  untilMs: number | undefined;
  classUid: number | undefined;
  user: string | undefined;
  patient: string | undefined;
  ip: string | undefined;
  text: string | undefined;
}

/** The options of `events` that filter, as given. */
export type FilterOptions = Partial<
  Record<'since' | 'until' | 'class' | 'user' | 'patient' | 'ip' | 'text', string | undefined>
>;

/**
 * The filter that the options ask for. A mistyped one would look as if there were nothing.
 * @throws {UsageError} for what no event can fit.
 */
export function eventFilter(options: FilterOptions, nowMs: number): EventFilter {
  const sinceMs = moment('--since', options.since, nowMs);
  const untilMs = moment('--until', options.until, nowMs);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    throw new UsageError('--since must lie before --until');
  return {
    sinceMs,
    untilMs,
    classUid: classUid(options.class),
    user: some('--user', options.user),
    patient: some('--patient', options.patient),
    ip: address(options.ip),
    text: some('--text', options.text),
  };
}

function some(option: string, value: string | undefined): string | undefined {
  if (value?.trim() === '') throw new UsageError(`${option} is empty`);
  return value;
}

/** Letters, digits and what else stands in the names of hosts; at least one letter, so that no mistyped address is one. */
const HOST_NAME = /^(?=.*\p{L})[\p{L}\p{N}._$-]+$/u;

/** An address, or the name of a host in its place. */
function address(value: string | undefined): string | undefined {
  if (value === undefined || isIP(value) !== 0 || HOST_NAME.test(value)) return value;
  throw new UsageError(`--ip takes one IPv4 or IPv6 address or the name of a host, not "${value}"`);
}

const NEAREST = 3;

/** A class by its number, its name (`datastore_activity`) or its caption (`Datastore Activity`). */
function classUid(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const uids = classUids();
  const name = value
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const uid = uids.find((one) => (/^\d+$/.test(name) ? one === Number(name) : className(one) === name));
  if (uid !== undefined) return uid;
  const near = uids
    .map((one) => {
      const word = className(one) ?? '';
      return { text: `${word} (${one})`, far: Math.min(distance(name, word), distance(name, String(one))) };
    })
    .toSorted((a, b) => a.far - b.far)
    .slice(0, NEAREST);
  const words = near.map(({ text }) => text).join(', ');
  throw new UsageError(`--class: OCSF has no class "${value}"; nearest are ${words}`);
}

/** Changes of letters that make one word of another, where what the longer one has besides costs little: `auth` is near to `authentication`. */
function distance(typed: string, word: string): number {
  if (typed !== '' && word.includes(typed)) return (word.length - typed.length) / word.length;
  let row = Array.from({ length: word.length + 1 }, (_one, at) => at);
  for (const [i, letter] of Array.from(typed.slice(0, word.length * 2)).entries()) {
    const next = [i + 1];
    for (let at = 1; at <= word.length; at += 1) {
      const change = (row[at - 1] ?? 0) + (word[at - 1] === letter ? 0 : 1);
      next.push(Math.min(change, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
