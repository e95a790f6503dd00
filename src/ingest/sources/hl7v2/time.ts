import { isoTime } from '../../time.ts';
import type { EventTime, TimeContext } from '../../types.ts';

const DTM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{1,4}))?)?([+-]\d{4})?$/;

/**
 * An HL7 DTM (`YYYYMMDDHHMM[SS[.S…]][±ZZZZ]`, v2.5.1 chapter 2A.21); without a zone the context's is assumed. Null for
 * anything else, and for a date without hour and minute: its midnight would be invented.
 */
export function hl7Time(value: unknown, context: TimeContext): EventTime | null {
  const match = typeof value === 'string' && value.length <= 30 ? DTM.exec(value.trim()) : null;
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '00', fraction, zone = ''] = match;
  const seconds = fraction === undefined ? second : `${second}.${fraction}`;
  const time = isoTime(`${year}-${month}-${day}T${hour}:${minute}:${seconds}${zone}`, context);
  return time === null ? null : time.original === undefined ? time : { ...time, original: String(value) };
}
