import { defineFamily } from '../../ocsf/table-family.ts';
import { isoTime } from '../../time.ts';
import type { EventTime, Family, NativeFields, TimeContext } from '../../types.ts';
import { describeZeek } from './describe.ts';
import { ZEEK_MAPS, zeekKind } from './tables.ts';

/** Zeek's logs under the names that its JSON has (`id.orig_h`); `_path` says which log. */
export const zeekFamily: Family = defineFamily({
  name: 'zeek',
  title: 'Zeek',
  maps: ZEEK_MAPS,
  kind: zeekKind,
  time: zeekTime,
  fill: describeZeek,
});

/** `ts`: seconds since the epoch with a fraction, or ISO 8601, as Zeek was told to write it. */
function zeekTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const { ts } = fields;
  if (typeof ts === 'number') return secondsTime(ts);
  if (typeof ts !== 'string') return null;
  return /^\d{1,11}(?:\.\d{1,9})?$/.test(ts) ? secondsTime(Number(ts)) : isoTime(ts, context);
}

function secondsTime(ts: number): EventTime | null {
  if (!(ts > 0) || ts > 1e11) return null;
  const exact = ts * 1000;
  const ms = Math.floor(exact + 5e-4);
  return Math.abs(exact - ms) < 5e-4 ? { ms } : { ms, original: String(ts) };
}
