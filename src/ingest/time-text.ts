import { atZone, isoTime } from './time.ts';
import type { EventTime, TimeContext, TimeLabel } from './types.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400_000;
/** Years looked back for 29 February, the one day that most years do not have. */
const LEAP_SEARCH_YEARS = 8;
const TEXT_MAX = 64;

const BSD =
  /^[*.]?(?:(\d{4}) )?([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (\d{4}))?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?(?: [A-Z]{3,4})?:?$/;
const COMMON = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([+-]\d{4})$/;
const DASHED = /^(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

interface Wall {
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
}

/**
 * The time of an RFC 3164 header as devices write it: `Oct 10 12:34:56`, with a year, a fraction or a zone where they
 * add one. A missing year is `context.year`, else the latest year in which the time lies at most a day behind
 * `referenceMs`'s tomorrow; a missing zone is `context.zone`. What was assumed is labelled. ISO times are taken too.
 * Null for anything else and for dates that do not exist.
 */
export function bsdTime(text: string, context: TimeContext): EventTime | null {
  if (text.length > TEXT_MAX) return null;
  const code = text.charCodeAt(0);
  if (code >= 0x30 && code <= 0x39 && text.charCodeAt(4) === 0x2d) return isoTime(text, context);
  const match = BSD.exec(text);
  if (match === null) return null;
  const wall = wallOf(match[2], match[3], match[5], match[6], match[7], match[8]);
  if (wall === null) return null;
  const year = match[1] ?? match[4] ?? match[9];
  return at(wall, year === undefined ? null : Number(year), match[10], text, context);
}

/** `08/Jun/2020:06:49:01 +0000` of the common log format; null for anything else. */
export function commonLogTime(text: string, context: TimeContext): EventTime | null {
  const match = text.length > TEXT_MAX ? null : COMMON.exec(text);
  if (match === null) return null;
  const wall = wallOf(match[2], match[1], match[4], match[5], match[6], match[7]);
  return wall === null ? null : at(wall, Number(match[3]), match[8], text, context);
}

/** `19-Oct-2022 05:34:02.425` as BIND writes it, without zone; null for anything else. */
export function dashedTime(text: string, context: TimeContext): EventTime | null {
  const match = text.length > TEXT_MAX ? null : DASHED.exec(text);
  if (match === null) return null;
  const wall = wallOf(match[2], match[1], match[4], match[5], match[6], match[7]);
  return wall === null ? null : at(wall, Number(match[3]), undefined, text, context);
}

/** `2025/11/05 20:47:03` as nginx and PAN-OS write it, without zone; null for anything else. */
export function slashedTime(text: string, context: TimeContext): EventTime | null {
  if (text.length > TEXT_MAX || text.charCodeAt(4) !== 0x2f || text.charCodeAt(7) !== 0x2f) return null;
  const time = isoTime(`${text.slice(0, 4)}-${text.slice(5, 7)}-${text.slice(8)}`, context);
  return time === null ? null : { ...time, original: text };
}

/** `Thu Oct 13 12:24:49.880562 2022` as Apache's error log and `ctime` write it; null for anything else. */
export function ctimeTime(text: string, context: TimeContext): EventTime | null {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) /.test(text)) return null;
  const time = bsdTime(text.slice(4), context);
  return time === null ? null : { ...time, original: text };
}

function wallOf(
  month: string | undefined,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  fraction: string | undefined,
): Wall | null {
  const wall: Wall = {
    month: MONTHS.indexOf((month ?? '').toLowerCase()),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    fraction: fraction ?? '',
  };
  const isClock = wall.hour <= 23 && wall.minute <= 59 && wall.second <= 60;
  return wall.month >= 0 && isClock ? wall : null;
}

function at(
  wall: Wall,
  stated: number | null,
  zone: string | undefined,
  original: string,
  context: TimeContext,
): EventTime | null {
  const place = zone === 'GMT' ? 'UTC' : (zone ?? context.zone);
  const ms =
    stated !== null || context.year !== undefined
      ? inYear(wall, stated ?? context.year ?? 0, place)
      : nearestYear(wall, place, context.referenceMs);
  if (ms === null) return null;
  const labels: TimeLabel[] = [];
  if (zone === undefined) labels.push('time:zone-assumed');
  if (stated === null) labels.push('time:year-assumed');
  if (labels.length > 0) return { ms, original, labels };
  return wall.fraction.length > 3 ? { ms, original } : { ms };
}

function inYear(wall: Wall, year: number, zone: string | undefined): number | null {
  const midnight = Date.UTC(year, wall.month, wall.day);
  const date = new Date(midnight);
  if (wall.day < 1 || date.getUTCDate() !== wall.day || date.getUTCFullYear() !== year) return null;
  const seconds = wall.hour * 3600 + wall.minute * 60 + wall.second;
  return atZone(midnight + seconds * 1000 + Number(wall.fraction.slice(0, 3).padEnd(3, '0')), zone);
}

/** The latest year in which the time is no more than a day ahead of the reference. */
function nearestYear(wall: Wall, zone: string | undefined, referenceMs: number): number | null {
  const latest = new Date(referenceMs + DAY_MS).getUTCFullYear() + 1;
  for (let year = latest; year >= latest - LEAP_SEARCH_YEARS - 1; year -= 1) {
    const ms = inYear(wall, year, zone);
    if (ms !== null && ms <= referenceMs + DAY_MS) return ms;
  }
  return null;
}
