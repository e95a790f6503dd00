import type { DuckDBValue } from '@duckdb/node-api';
import { utcDay } from '#kernel';
import { ArchiveError } from '../errors.ts';
import { SLOW } from '../hunt/sql-error.ts';
import { ACTIVITY_HOURS_MAX, LOOKUP_ROWS_MAX, LOOKUP_TIME_MS_MAX } from '../limits.ts';
import type { EventQuery, EventRow } from '../types.ts';
import { everythingQuery } from '../views.ts';
import { entriesNaming } from '../store.ts';
import type { Engine } from './engine.ts';
import { entitiesOf, indexPath } from './file-index.ts';
import type { ArchiveFile } from './manifest.ts';
import { readFiles } from './writer.ts';

const ROW_COLUMNS = `"index", epoch_ms(coalesce(time, received)), epoch_ms(received), class_uid, coalesce(severity, 0), text,
  user_name, coalesce(device, src_host), coalesce(src_ip, device_ip, dst_ip), patient, source`;

const HOUR_MS = 3_600_000;
/** Indexes that a statement lists. */
const IN_LIST_MAX = 5_000;
/** Conditions that the files' indexes of entities know nothing of. */
const NARROWING = [
  'classUid',
  'text',
  'anyInJson',
  'sinceMs',
  'untilMs',
  'sourceId',
  'severityMin',
  'outcome',
  'indexes',
] as const satisfies readonly (keyof EventQuery)[];
const STATUS = { success: 1, failure: 2 } as const;

/**
 * Newest first, over the live tail and then file by file, newest first, until no older file can add anything. A user, a
 * patient, an address or a device is found through the files' indexes.
 */
export async function lookUp(engine: Engine, query: EventQuery): Promise<EventRow[]> {
  const limit = Math.max(0, Math.min(LOOKUP_ROWS_MAX, Math.trunc(query.limit)));
  const select: Select = { ...conditionsOf(query), limit };
  return timed(engine, async (isOver) => {
    let rows: EventRow[] = [];
    for (const table of engine.tables)
      rows = newest([...rows, ...(await rowsOf(engine, `base.${table}`, select))], limit);
    for (const file of engine.files.toSorted((a, b) => b.last - a.last)) {
      if (rows.length >= limit && (rows.at(-1)?.index ?? 0) > file.last) break;
      if (isOver()) throw tooSlow();
      if (cannotHold(file, query)) continue;
      rows = newest([...rows, ...(await rowsOfFile(engine, file, { query, select }))], limit);
    }
    return rows;
  });
}

/** Events and findings an hour of the last `hours`, oldest first, hours without any with zeros. */
export async function activityOf(
  engine: Engine,
  { hours, nowMs }: { hours: number; nowMs: number },
): Promise<{ hourMs: number; events: number; findings: number }[]> {
  const count = Math.max(1, Math.min(ACTIVITY_HOURS_MAX, Math.trunc(hours)));
  const lastMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const firstMs = lastMs - (count - 1) * HOUR_MS;
  const firstDay = utcDay(firstMs);
  const paths = engine.files.filter(({ day }) => day >= firstDay).map((file) => engine.path(file));
  const sql = `SELECT epoch_ms(date_trunc('hour', received)), count(*), count(*) FILTER (WHERE class_uid BETWEEN 2000 AND 2999)
    FROM (${everythingQuery(paths, engine.tables)}) WHERE received >= make_timestamp($first::BIGINT) GROUP BY 1`;
  const rows = await timed(engine, () => engine.writer.rows(sql, { first: BigInt(firstMs) * 1000n }));
  const byHour = new Map(
    rows.map(([hour, events, findings]) => [Number(hour), [Number(events), Number(findings)] as const]),
  );
  return Array.from({ length: count }, (_, n) => {
    const hourMs = firstMs + n * HOUR_MS;
    const [events, findings] = byHour.get(hourMs) ?? [0, 0];
    return { hourMs, events, findings };
  });
}

interface Select {
  conditions: string[];
  values: Record<string, DuckDBValue>;
  limit: number;
}

async function rowsOf(engine: Engine, from: string, { conditions, values, limit }: Select): Promise<EventRow[]> {
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT ${ROW_COLUMNS} FROM ${from} ${where} ORDER BY "index" DESC LIMIT ${limit}`;
  return (await engine.writer.rows(sql, values)).map(rowOf);
}

async function rowsOfFile(
  engine: Engine,
  file: ArchiveFile,
  { query, select }: { query: EventQuery; select: Select },
): Promise<EventRow[]> {
  const from = readFiles([engine.path(file)]);
  const named = entriesOf(engine, file, query);
  if (named === null) return rowsOf(engine, from, select);
  const before = query.before ?? Number.POSITIVE_INFINITY;
  // Without a further condition the newest of them are all that is needed.
  const isAll = NARROWING.every((name) => query[name] === undefined);
  const wanted = named.filter((index) => index < before).toSorted((a, b) => b - a);
  const list = isAll ? wanted.slice(0, select.limit) : wanted;
  if (list.length === 0) return [];
  const narrowed = `"index" IN (${list.join(', ')})`;
  // A long list is slower than reading the columns.
  return rowsOf(
    engine,
    from,
    list.length > IN_LIST_MAX ? select : { ...select, conditions: [narrowed, ...select.conditions] },
  );
}

/** Indexes of the entries that name every entity of the query; null when no entity is asked for or the index is of no use. */
function entriesOf(engine: Engine, file: ArchiveFile, query: EventQuery): number[] | null {
  const entities = entitiesOf(query);
  if (entities.length === 0) return null;
  try {
    const lists = entities.map(({ kind, name }) => entriesNaming(indexPath(engine.path(file)), kind, name));
    const [first = [], ...others] = lists.toSorted((a, b) => a.length - b.length);
    return others.reduce((left, list) => {
      const set = new Set(list);
      return left.filter((index) => set.has(index));
    }, first);
  } catch {
    return null;
  }
}

function cannotHold({ first, last, minMs, maxMs }: ArchiveFile, query: EventQuery): boolean {
  const { before, sinceMs, untilMs, indexes } = query;
  if (before !== undefined && first >= before) return true;
  if (indexes !== undefined && !indexes.some((index) => index >= first && index <= last)) return true;
  if (sinceMs !== undefined && (maxMs === null || maxMs < sinceMs)) return true;
  return untilMs !== undefined && (minMs === null || minMs >= untilMs);
}

function newest(rows: EventRow[], limit: number): EventRow[] {
  return rows.toSorted((a, b) => b.index - a.index).slice(0, limit);
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
  if (query.sourceId !== undefined) add('source = $source', 'source', query.sourceId);
  if (query.severityMin !== undefined) add('coalesce(severity, 0) >= $severity', 'severity', query.severityMin);
  if (query.outcome !== undefined) add('status = $status', 'status', STATUS[query.outcome]);
  if (query.indexes !== undefined) conditions.push(amongIndexes(query.indexes));
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
  if (query.anyInJson !== undefined) {
    const any = query.anyInJson.map((text, n) => {
      values[`any${n}`] = text.toLowerCase();
      return `contains(lower(json), $any${n})`;
    });
    conditions.push(any.length === 0 ? 'false' : `(${any.join(' OR ')})`);
  }
  return { conditions, values };
}

/** The newest of them, as a condition; numbers alone can stand in it. */
function amongIndexes(indexes: readonly number[]): string {
  const wanted = indexes.filter((index) => Number.isSafeInteger(index) && index >= 0).toSorted((a, b) => b - a);
  return wanted.length === 0 ? 'false' : `"index" IN (${wanted.slice(0, IN_LIST_MAX).join(', ')})`;
}

/** A time beyond what DuckDB holds is cut to it. */
function micros(ms: number): bigint {
  return BigInt(Math.trunc(Math.max(-8.64e15, Math.min(8.64e15, ms)))) * 1000n;
}

/** With a limit of time; files and tables stay until it is over. */
async function timed<T>(engine: Engine, work: (isOver: () => boolean) => Promise<T>): Promise<T> {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    engine.writer.interruptLookups();
  }, LOOKUP_TIME_MS_MAX);
  try {
    return await engine.reading(() => work(() => isOver));
  } catch (error) {
    throw isOver ? tooSlow() : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(): ArchiveError {
  return new ArchiveError('too_slow', 'the look-up was stopped at its time limit', SLOW);
}

function rowOf(cells: readonly DuckDBValue[]): EventRow {
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
