import { type SelectQueryBuilder, sql } from 'kysely';
import { LEVELS, type Level } from '#detect/sigma';
import { PAGE_MAX } from './limits.ts';
import {
  type FindingSort,
  type IncidentSort,
  type Order,
  behind,
  cursorAt,
  findingOrder,
  incidentOrder,
  orderTerms,
} from './store-order.ts';
import type { Database, IncidentRow, IncidentsTables } from './store-tables.ts';
import { keptFinding } from './store.ts';
import type { Entity, IncidentState, KeptFinding } from './types.ts';

export interface IncidentQuery {
  /** `unclosed`: everything but closed ones. */
  state?: IncidentState | 'unclosed';
  /** This severity and above. */
  severity?: Level;
  assignee?: string;
  /** Words in title, number or the names of who takes part. */
  q?: string;
  /** Default: the newest first. */
  sort?: IncidentSort;
  /** `next` of the page before. */
  before?: string;
  limit: number;
}

export interface FindingQuery {
  rule?: string;
  /** This level and above. */
  level?: Level;
  sinceMs?: number;
  untilMs?: number;
  incident?: string;
  /** Index of one of the events that it rests on. */
  event?: number;
  /** Default: those found last first. */
  sort?: FindingSort;
  before?: string;
  limit: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

type IncidentSelect = SelectQueryBuilder<IncidentsTables, 'incidents_incident', IncidentRow>;
type FindingRow = Pick<
  IncidentsTables['incidents_finding'],
  'entry' | 'body' | 'incident' | 'suppressed_by' | 'at_ms' | 'level'
>;
type FindingSelect = SelectQueryBuilder<IncidentsTables, 'incidents_finding', FindingRow>;

/** Lists, page after page. A row whose place in the order stays is on exactly one page, whatever comes in between. */
export class IncidentLists {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async incidents(query: IncidentQuery): Promise<Page<IncidentRow>> {
    const rows = await incidentSelect(this.#db, query).execute();
    return pageOf(rows, sizeOf(query), incidentOrder(query.sort));
  }

  /** Unclosed ones by severity. */
  async counts(): Promise<Record<Level, number>> {
    const rows = await this.#db
      .selectFrom('incidents_incident')
      .select('severity')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('merged_into', 'is', null)
      .where('state', '!=', 'closed')
      .groupBy('severity')
      .execute();
    const counts: Record<Level, number> = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
    for (const { severity, count } of rows) counts[severity] = count;
    return counts;
  }

  async findings(query: FindingQuery): Promise<Page<KeptFinding>> {
    const rows = await findingSelect(this.#db, query).execute();
    const { items, next } = pageOf(rows, sizeOf(query), findingOrder(query.sort));
    return { items: items.map(keptFinding), next };
  }

  /** Findings of a rule since a moment in which all of the entities stand. */
  async matching(rule: string, entities: readonly Entity[], sinceMs: number, limit: number): Promise<KeptFinding[]> {
    let query = this.#db
      .selectFrom('incidents_finding')
      .select(['entry', 'body', 'incident', 'suppressed_by'])
      .where('rule', '=', rule)
      .where('at_ms', '>=', sinceMs)
      .orderBy('entry', 'desc')
      .limit(limit);
    for (const { kind, name } of entities)
      query = query.where(
        'entry',
        'in',
        this.#db.selectFrom('incidents_entity').select('entry').where('kind', '=', kind).where('name', '=', name),
      );
    return (await query.execute()).map(keptFinding);
  }
}

/** A page of incidents and one row more. */
export function incidentSelect(db: Database, asked: IncidentQuery): IncidentSelect {
  const { state, severity, assignee, q, sort, before } = asked;
  const order = incidentOrder(sort);
  let query = db.selectFrom('incidents_incident').selectAll().where('merged_into', 'is', null);
  for (const term of orderTerms(order)) query = query.orderBy(term);
  if (state === 'unclosed') query = query.where('state', '!=', 'closed');
  else if (state !== undefined) query = query.where('state', '=', state);
  if (severity !== undefined) query = query.where('severity', 'in', LEVELS.slice(LEVELS.indexOf(severity)));
  if (assignee !== undefined) query = query.where('assignee', '=', assignee);
  if (before !== undefined) query = query.where(behind(order, before));
  if (q !== undefined && q.trim() !== '') query = withWords(query, q.trim());
  return query.limit(sizeOf(asked) + 1);
}

function withWords(query: IncidentSelect, words: string): IncidentSelect {
  const pattern = `%${words.replaceAll(/[%_\\]/g, String.raw`\$&`)}%`;
  const numbered = /^inc-(\d{1,9})$/i.exec(words)?.[1];
  return query.where((eb) =>
    eb.or([
      eb(eb.ref('title'), 'like', pattern),
      eb('number', '=', numbered === undefined ? -1 : Number(numbered)),
      eb.exists(
        eb
          .selectFrom('incidents_tally as e')
          .select('e.name')
          .whereRef('e.incident', '=', 'incidents_incident.id')
          .where('e.kind', '!=', 'patient')
          .where('e.name', 'like', pattern),
      ),
    ]),
  );
}

/** A page of findings and one row more. */
export function findingSelect(db: Database, asked: FindingQuery): FindingSelect {
  const { rule, level, sinceMs, untilMs, incident, event, sort, before } = asked;
  const order = findingOrder(sort);
  let query = db
    .selectFrom('incidents_finding')
    .select(['entry', 'body', 'incident', 'suppressed_by', 'at_ms', 'level']);
  for (const term of orderTerms(order)) query = query.orderBy(term);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  // The plus keeps the index of levels out of it, by which all of them would be sorted for each page.
  if (level !== undefined) query = query.where(sql`+level`, '>=', LEVELS.indexOf(level));
  if (sinceMs !== undefined) query = query.where('at_ms', '>=', sinceMs);
  if (untilMs !== undefined) query = query.where('at_ms', '<', untilMs);
  if (incident !== undefined) query = query.where('incident', '=', incident);
  if (before !== undefined) query = query.where(behind(order, before));
  if (event !== undefined)
    query = query.where('entry', 'in', db.selectFrom('incidents_event').select('entry').where('event', '=', event));
  return query.limit(sizeOf(asked) + 1);
}

function sizeOf({ limit }: { limit: number }): number {
  return Math.min(limit, PAGE_MAX);
}

function pageOf<Row extends object>(rows: readonly Row[], size: number, order: Order<Row>): Page<Row> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  return { items, next: rows.length > size && last !== undefined ? cursorAt(order, last) : null };
}
