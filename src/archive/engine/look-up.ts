import type { DuckDBValue } from '@duckdb/node-api';
import { ArchiveError } from '../errors.ts';
import { SLOW } from '../hunt/sql-error.ts';
import { ACTIVITY_HOURS_MAX, LOOKUP_ROWS_MAX, LOOKUP_TIME_MS_MAX } from '../limits.ts';
import type { EventQuery, EventRow } from '../types.ts';
import type { Writer } from './writer.ts';

const ROW_COLUMNS = `"index", epoch_ms(coalesce(time, received)), epoch_ms(received), class_uid, coalesce(severity, 0), text,
  user_name, coalesce(device, src_host), coalesce(src_ip, device_ip, dst_ip), patient, source`;

const HOUR_MS = 3_600_000;

/** Newest first, over all files and the live tail. */
export async function lookUp(writer: Writer, query: EventQuery): Promise<EventRow[]> {
  const { conditions, values } = conditionsOf(query);
  const limit = Math.max(0, Math.min(LOOKUP_ROWS_MAX, Math.trunc(query.limit)));
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT ${ROW_COLUMNS} FROM base.everything ${where} ORDER BY "index" DESC LIMIT ${limit}`;
  return (await timed(writer, () => writer.rows(sql, values))).map(rowOf);
}

/** Events and findings an hour of the last `hours`, oldest first, hours without any with zeros. */
export async function activityOf(
  writer: Writer,
  { hours, nowMs }: { hours: number; nowMs: number },
): Promise<{ hourMs: number; events: number; findings: number }[]> {
  const count = Math.max(1, Math.min(ACTIVITY_HOURS_MAX, Math.trunc(hours)));
  const lastMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const firstMs = lastMs - (count - 1) * HOUR_MS;
  const sql = `SELECT epoch_ms(date_trunc('hour', received)), count(*), count(*) FILTER (WHERE class_uid BETWEEN 2000 AND 2999)
    FROM base.everything WHERE day >= CAST(make_timestamp($first::BIGINT) AS DATE) AND received >= make_timestamp($first::BIGINT) GROUP BY 1`;
  const rows = await timed(writer, () => writer.rows(sql, { first: BigInt(firstMs) * 1000n }));
  const byHour = new Map(
    rows.map(([hour, events, findings]) => [Number(hour), [Number(events), Number(findings)] as const]),
  );
  return Array.from({ length: count }, (_, n) => {
    const hourMs = firstMs + n * HOUR_MS;
    const [events, findings] = byHour.get(hourMs) ?? [0, 0];
    return { hourMs, events, findings };
  });
}

function conditionsOf(query: EventQuery): { conditions: string[]; values: Record<string, DuckDBValue> } {
  const conditions: string[] = [];
  const values: Record<string, DuckDBValue> = {};
  const add = (condition: string, name: string, value: DuckDBValue): void => {
    conditions.push(condition);
    values[name] = value;
  };
  if (query.sinceMs !== undefined) add('time >= make_timestamp($since::BIGINT)', 'since', micros(query.sinceMs));
  if (query.untilMs !== undefined) add('time < make_timestamp($until::BIGINT)', 'until', micros(query.untilMs));
  if (query.before !== undefined) add('"index" < $before', 'before', BigInt(Math.trunc(query.before)));
  if (query.classUid !== undefined) add('class_uid = $class', 'class', query.classUid);
  if (query.user !== undefined)
    add(
      '(lower(user_name) = $user OR lower(user_uid) = $user OR lower(target_user) = $user)',
      'user',
      query.user.toLowerCase(),
    );
  if (query.patient !== undefined) {
    // Identity is authority and id: either the whole or the id alone is asked for.
    add("(patient = $patient OR suffix(patient, concat('|', $patient)))", 'patient', query.patient);
  }
  if (query.ip !== undefined) add('(src_ip = $ip OR dst_ip = $ip OR device_ip = $ip)', 'ip', query.ip);
  if (query.device !== undefined)
    add(
      '(lower(device) = $device OR lower(src_host) = $device OR lower(dst_host) = $device)',
      'device',
      query.device.toLowerCase(),
    );
  if (query.text !== undefined)
    add('(contains(lower(json), $text) OR contains(lower(text), $text))', 'text', query.text.toLowerCase());
  return { conditions, values };
}

/** A time beyond what DuckDB holds is cut to it. */
function micros(ms: number): bigint {
  return BigInt(Math.trunc(Math.max(-8.64e15, Math.min(8.64e15, ms)))) * 1000n;
}

async function timed<T>(writer: Writer, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    writer.interruptLookups();
  }, LOOKUP_TIME_MS_MAX);
  try {
    return await work();
  } catch (error) {
    if (isOver) throw new ArchiveError('too_slow', 'the look-up was stopped at its time limit', SLOW);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export function rowOf(cells: readonly DuckDBValue[]): EventRow {
  const [index, atMs, receivedMs, classUid, severity, text, user, device, address, patient, sourceId] = cells;
  return {
    index: Number(index),
    atMs: Number(atMs),
    receivedMs: Number(receivedMs),
    classUid: Number(classUid),
    severity: Number(severity),
    text: textOrNull(text) ?? '',
    user: textOrNull(user),
    device: textOrNull(device),
    address: textOrNull(address),
    patient: textOrNull(patient),
    sourceId: textOrNull(sourceId),
  };
}

function textOrNull(value: DuckDBValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
