import { epochTime, isoTime } from '../../time.ts';
import type { EventTime, NativeFields, TimeContext } from '../../types.ts';

/** `2023-08-15T09:53:59.757Z` with 3 to 9 fraction digits: what nearly every producer writes. */
const FRACTION_AT = 20;

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
  const own = stated(fields['UtcTime'], UTC_CONTEXT);
  const time = windowsTime(fields, context);
  return own !== null && time !== null && Math.abs(own.ms - time.ms) > SAME_CLOCK_MS;
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
  const { length } = text;
  if (length < 20 || length > 30 || text.charCodeAt(length - 1) !== 0x5a || text.charCodeAt(10) !== 0x54) return null;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d || text.charCodeAt(13) !== 0x3a) return null;
  if (length > FRACTION_AT && (length < FRACTION_AT + 4 || text.charCodeAt(FRACTION_AT - 1) !== 0x2e)) return null;
  // Whether the month has a 29th, 30th or 31st is for the full parser to say.
  if (text.charCodeAt(8) >= 0x33 || (text.charCodeAt(8) === 0x32 && text.charCodeAt(9) === 0x39)) return null;
  const ms = Date.parse(length > FRACTION_AT + 4 ? `${text.slice(0, FRACTION_AT + 3)}Z` : text);
  if (Number.isNaN(ms)) return null;
  return length > FRACTION_AT + 4 ? { ms, original: text } : { ms };
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
