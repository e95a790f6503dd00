import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import { LEVELS } from '#detect/sigma';
import type { IncidentRow, IncidentsTables } from './store-tables.ts';
import type { IncidentState } from './types.ts';

/** What a list of incidents can be ordered by: age, severity, state, when it was last seen. */
export const INCIDENT_KEYS = ['number', 'severity', 'state', 'last'] as const;
/** What a list of findings can be ordered by: event time, and level. */
export const FINDING_KEYS = ['at', 'level'] as const;

/** A key, from the least up; with `-` in front from the greatest down. */
export type Sort<Key extends string> = Key | `-${Key}`;
export type IncidentSort = Sort<(typeof INCIDENT_KEYS)[number]>;
export type FindingSort = Sort<(typeof FINDING_KEYS)[number]>;

/** The order in which an incident is worked off. */
const STATES: readonly IncidentState[] = ['new', 'open', 'contained', 'closed'];

/**
 * An order over rows that no two share: a key, and among equals a number that each row has alone. `last < next` holds for any
 * two rows of it, so that a page begins where the one before ended, whatever came in between.
 */
export interface Order<Row> {
  /** Null where the rows' own number is all that they are ordered by. */
  key: RawBuilder<number> | null;
  /** The key is worked out: an index holds its values. */
  isComputed: boolean;
  id: RawBuilder<number>;
  isDown: boolean;
  placeOf: (row: Row) => { key: number; id: number };
}

type IncidentKey = (typeof INCIDENT_KEYS)[number];
type FindingRow = Pick<IncidentsTables['incidents_finding'], 'entry' | 'at_ms' | 'level'>;

/** SQL of a word's place in a list; the indexes of `0003_incidents_orders` are over exactly these texts. */
export const SEVERITY_RANK = rankSql('severity', LEVELS);
export const STATE_RANK = rankSql('state', STATES);

const INCIDENT_SQL: Record<IncidentKey, RawBuilder<number> | null> = {
  number: null,
  severity: sql.raw(SEVERITY_RANK),
  state: sql.raw(STATE_RANK),
  last: sql.raw('last_ms'),
};

const INCIDENT_VALUE: Record<IncidentKey, (row: IncidentRow) => number> = {
  number: ({ number }) => number,
  severity: ({ severity }) => LEVELS.indexOf(severity),
  state: ({ state }) => STATES.indexOf(state),
  last: ({ last_ms: lastMs }) => lastMs,
};

/** Without a wish the newest come first. */
export function incidentOrder(sort: IncidentSort = '-number'): Order<IncidentRow> {
  const { key, isDown } = keyOf<IncidentKey>(sort);
  return {
    key: INCIDENT_SQL[key],
    isComputed: key === 'severity' || key === 'state',
    id: sql.raw('number'),
    isDown,
    placeOf: (row) => ({ key: INCIDENT_VALUE[key](row), id: row.number }),
  };
}

/** Without a wish those come first that were found last. */
export function findingOrder(sort?: FindingSort): Order<FindingRow> {
  const id = sql.raw<number>('entry');
  if (sort === undefined)
    return { key: null, isComputed: false, id, isDown: true, placeOf: ({ entry }) => ({ key: entry, id: entry }) };
  const { key, isDown } = keyOf<(typeof FINDING_KEYS)[number]>(sort);
  const column = key === 'at' ? 'at_ms' : 'level';
  return {
    key: sql.raw(column),
    isComputed: false,
    id,
    isDown,
    placeOf: (row) => ({ key: row[column], id: row.entry }),
  };
}

/** The terms to order by: both the same way, so that one index serves both ways. */
export function orderTerms({ key, id, isDown }: Order<never>): RawBuilder<unknown>[] {
  const way = sql.raw(isDown ? 'desc' : 'asc');
  return (key === null ? [id] : [key, id]).map((term) => sql`${term} ${way}`);
}

/** Rows behind a cursor; for one that is none there are no rows behind. */
export function behind({ key, isComputed, id, isDown }: Order<never>, cursor: string): Expression<SqlBool> {
  const [, keyText, idText] = (key === null ? /^()(\d{1,15})$/ : /^(-?\d{1,15})\.(\d{1,15})$/).exec(cursor) ?? [];
  if (keyText === undefined || idText === undefined) return sql<SqlBool>`false`;
  const than = sql.raw(isDown ? '<' : '>');
  if (key === null) return sql<SqlBool>`${id} ${than} ${Number(idText)}`;
  const place = sql<SqlBool>`(${key}, ${id}) ${than} (${Number(keyText)}, ${Number(idText)})`;
  // SQLite uses an index for a pair of columns, but of what is worked out for the first of a pair alone, told by itself.
  return isComputed ? sql<SqlBool>`${key} ${than}= ${Number(keyText)} and ${place}` : place;
}

/** The cursor behind a row: what `behind` takes. */
export function cursorAt<Row>({ key, placeOf }: Order<Row>, row: Row): string {
  const place = placeOf(row);
  return key === null ? String(place.id) : `${place.key}.${place.id}`;
}

function keyOf<Key extends string>(sort: Sort<Key>): { key: Key; isDown: boolean } {
  const isDown = sort.startsWith('-');
  return { key: (isDown ? sort.slice(1) : sort) as Key, isDown };
}

function rankSql(column: string, words: readonly string[]): string {
  return `case ${column} ${words.map((word, at) => `when '${word}' then ${at}`).join(' ')} else -1 end`;
}
