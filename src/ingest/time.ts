import type { EventTime, TimeContext } from './types.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const OFFSET = /^([+-])(\d\d):?(\d\d)$/;
/** Zones that a run configures, not that records choose; enough for a hospital group. */
const FORMATS_MAX = 64;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * An ISO 8601 time, with `T` or a blank, 0–9 fraction digits, `Z`, `UTC` or an offset; without any of these the
 * context's zone (default UTC) is taken and the label says so. Null for anything else, and for days that do not exist.
 */
export function isoTime(value: unknown, context: TimeContext): EventTime | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const match = ISO.exec(value);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const midnight = midnightOf(Number(year), Number(month) - 1, Number(day));
  if (
    Number(month) > 12 ||
    !isSameDay(midnight, Number(day)) ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 60
  )
    return null;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const wallMs = midnight + seconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (zone === undefined) return { ms: atZone(wallMs, context.zone), original: value, labels: ['time:zone-assumed'] };
  const ms = atZone(wallMs, zone);
  return fraction.length > 3 ? { ms, original: value } : { ms };
}

/** `Date.UTC` takes the years 0 to 99 for those of the twentieth century. */
function midnightOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

function isSameDay(midnight: number, day: number): boolean {
  return !Number.isNaN(midnight) && new Date(midnight).getUTCDate() === day;
}

/** A number of the given unit since the epoch, or its decimal string; null for anything else. */
export function epochTime(value: unknown, unit: 's' | 'ms' | 'us' | 'ns'): EventTime | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,19}(?:\.\d{1,9})?$/.test(text)) return null;
  const factor = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }[unit];
  const ms = Math.floor(Number(text) * factor + 5e-4);
  return Number.isSafeInteger(ms) && Math.abs(ms) <= 8.64e15 ? { ms } : null;
}

/** The instant at which a wall clock in `zone` (IANA name or offset; undefined = UTC) shows this time. */
export function atZone(wallMs: number, zone: string | undefined): number {
  if (zone === undefined || /^(?:Z|UTC)$/i.test(zone)) return wallMs;
  const offset = OFFSET.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return wallMs - (offset[1] === '-' ? -minutes : minutes) * 60_000;
  }
  // Twice, since the offset at the guess may be that of the other side of a change of clocks.
  const guess = wallMs - offsetMs(wallMs, zone);
  return wallMs - offsetMs(guess, zone);
}

function offsetMs(ms: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    if (formats.size >= FORMATS_MAX) formats.clear();
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const offset = OFFSET.exec(name.slice(3));
  if (offset === null) return 0;
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return (offset[1] === '-' ? -minutes : minutes) * 60_000;
}
