import { epochTime, isoTime } from '../../time.ts';
import type { EventTime, NativeFields, TimeContext } from '../../types.ts';

/** `/Date(1600000000000)/`: PowerShell's ConvertTo-Json. */
const DOTNET_DATE = /^\/Date\((-?\d{1,15})\)\/$/;

const US = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d:\d\d) ([AP]M)$/;

/** Offsets of zones are multiples of this. */
const ZONE_STEP_MS = 15 * 60_000;
/** No zone is further from UTC. */
const ZONE_MAX_MS = 14 * 3_600_000;
/** A collector that stamps later than this after receipt does not tell its zone. */
const STAMP_LAG_MAX_MS = 5 * 60_000;

/**
 * The producer's time, the same field for all channels of one producer: TimeCreated; else NXLog's EventTime, whose
 * zone shows in the collector's two stamps of receipt; else @timestamp, TimeGenerated. Sysmon's UtcTime is never it
 * (its clock differs from the log's by hours on some collectors), except where nothing else states a time.
 */
export function windowsTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const created = fields['TimeCreated'] ?? fields['SystemTime'];
  const time = created === undefined ? null : stated(created, context);
  if (time !== null) return time;
  const local = fields['EventTime'];
  const stamp = fields['@timestamp'];
  return (
    (local === undefined ? null : zoned(local, fields, stamp)) ??
    stated(stamp, context) ??
    stated(local, context) ??
    stated(fields['TimeGenerated'], context) ??
    stated(fields['timestamp'], context) ??
    stated(fields['UtcTime'], UTC_CONTEXT)
  );
}

/** Two clocks that are further apart than this do not tell the same time. */
const SAME_CLOCK_MS = 5 * 60_000;

/** Whether Sysmon's own time and the producer's are so far apart that one of them is wrong. */
export function clocksDiffer(fields: NativeFields, context: TimeContext): boolean {
  const ownMs = utcTime(fields['UtcTime']);
  const created = fields['TimeCreated'];
  const quickMs = typeof created === 'string' ? (quickUtc(created)?.ms ?? NaN) : NaN;
  const ms = Number.isNaN(quickMs) ? windowsTime(fields, context)?.ms : quickMs;
  return ownMs !== null && ms !== undefined && Math.abs(ownMs - ms) > SAME_CLOCK_MS;
}

/** `2023-08-15 09:53:59.757`, which Sysmon means as UTC. */
function utcTime(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = wallClock(value, value.length);
  return Number.isNaN(ms) ? (stated(value, UTC_CONTEXT)?.ms ?? null) : ms;
}

const UTC_CONTEXT: TimeContext = { receivedMs: 0, zone: 'UTC', year: undefined, referenceMs: 0 };

function stated(value: unknown, context: TimeContext): EventTime | null {
  if (typeof value === 'string')
    return quickUtc(value) ?? isoTime(value, context) ?? dotNetDate(value) ?? usTime(value, context);
  if (typeof value !== 'number') return null;
  // Velociraptor writes seconds, PowerShell 7 milliseconds as strings; a bare number is seconds.
  return epochTime(value, 's');
}

/** The common form without a regular expression; null leaves it to the full parser. */
function quickUtc(text: string): EventTime | null {
  if (text.charCodeAt(text.length - 1) !== 0x5a || text.charCodeAt(10) !== 0x54) return null;
  const ms = wallClock(text, text.length - 1);
  if (Number.isNaN(ms)) return null;
  return text.length > WHOLE_MS + 1 ? { ms, original: text } : { ms };
}

/** Characters of `2023-08-15T09:53:59` and of the same with milliseconds. */
const WHOLE_SECONDS = 19;
const WHOLE_MS = 23;
const WALL_CLOCK_MAX = 29;

/** `2023-08-15T09:53:59.757` up to `end`, with 0 or 3 to 9 fraction digits, as if it were UTC; NaN for all else. */
function wallClock(text: string, end: number): number {
  if (end !== WHOLE_SECONDS && (end < WHOLE_MS || end > WALL_CLOCK_MAX || text.charCodeAt(19) !== 0x2e)) return NaN;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return NaN;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return NaN;
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hour = digits(text, 11);
  const minute = digits(text, 14);
  const second = digits(text, 17);
  // Whether the month has a 29th, 30th or 31st is for the full parser to say, as is a leap second.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60)) return NaN;
  let fraction = 0;
  for (let at = WHOLE_SECONDS + 1; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    if (at < WHOLE_MS) fraction = fraction * 10 + digit;
  }
  const year = digits(text, 0) * 100 + digits(text, 2);
  // Date.UTC takes the years 0 to 99 for those of the twentieth century: they are for the full parser too.
  return year < 100 ? NaN : Date.UTC(year, month - 1, day, hour, minute, second, fraction);
}

/** Two decimal digits; NaN where there are none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** `03/12/2021 10:48:14 AM`, in the zone of the host. */
function usTime(text: string, context: TimeContext): EventTime | null {
  const match = text.length === 22 ? US.exec(text) : null;
  if (match === null) return null;
  const [, month = '', day = '', year = '', hour = '', rest = '', half = ''] = match;
  const hours = (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  return isoTime(`${year}-${month}-${day} ${two(hours)}:${rest}`, context);
}

function dotNetDate(text: string): EventTime | null {
  const match = text.length <= 32 ? DOTNET_DATE.exec(text) : null;
  return match === null ? null : { ms: Number(match[1]) };
}

/**
 * EventTime where its zone is known: stated in it, or shown by the receipt, which NXLog writes in local time and
 * Logstash stamps, at the same moment within seconds, in UTC. Else null.
 */
function zoned(local: unknown, fields: NativeFields, stamp: unknown): EventTime | null {
  const time = stated(local, UTC_CONTEXT);
  if (time === null || time.labels === undefined) return time;
  const offset = offsetOfStamps(fields['EventReceivedTime'], stamp);
  return offset === null ? null : isoTime(`${String(local)}${offsetName(offset)}`, UTC_CONTEXT);
}

function offsetOfStamps(received: unknown, stamp: unknown): number | null {
  const localMs = isoTime(received, UTC_CONTEXT);
  const stampMs = isoTime(stamp, UTC_CONTEXT);
  if (localMs?.labels === undefined || stampMs === null || stampMs.labels !== undefined) return null;
  const offset = Math.round((localMs.ms - stampMs.ms) / ZONE_STEP_MS) * ZONE_STEP_MS;
  const isZone = Math.abs(offset) <= ZONE_MAX_MS && Math.abs(localMs.ms - stampMs.ms - offset) <= STAMP_LAG_MAX_MS;
  return isZone ? offset : null;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function offsetName(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
