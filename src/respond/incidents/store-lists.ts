import { LEVELS, type Level } from '#detect/sigma';
import { PAGE_MAX } from './limits.ts';
import type { Database, IncidentRow } from './store-tables.ts';
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
  before?: string;
  limit: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Lists, newest first. */
export class IncidentLists {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async incidents({ state, severity, assignee, q, before, limit }: IncidentQuery): Promise<Page<IncidentRow>> {
    const size = Math.min(limit, PAGE_MAX);
    let query = this.#db
      .selectFrom('incidents_incident')
      .selectAll()
      .where('merged_into', 'is', null)
      .orderBy('number', 'desc')
      .limit(size + 1);
    if (state === 'unclosed') query = query.where('state', '!=', 'closed');
    else if (state !== undefined) query = query.where('state', '=', state);
    if (severity !== undefined) query = query.where('severity', 'in', LEVELS.slice(LEVELS.indexOf(severity)));
    if (assignee !== undefined) query = query.where('assignee', '=', assignee);
    if (before !== undefined) query = query.where('number', '<', wholeNumber(before));
    if (q !== undefined && q.trim() !== '') {
      const pattern = `%${q.trim().replaceAll(/[%_\\]/g, String.raw`\$&`)}%`;
      const numbered = /^inc-(\d{1,9})$/i.exec(q.trim())?.[1];
      query = query.where((eb) =>
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
    return pageOf(await query.execute(), size, ({ number }) => String(number));
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

  async findings({
    rule,
    level,
    sinceMs,
    untilMs,
    incident,
    event,
    before,
    limit,
  }: FindingQuery): Promise<Page<KeptFinding>> {
    const size = Math.min(limit, PAGE_MAX);
    let query = this.#db
      .selectFrom('incidents_finding')
      .select(['entry', 'body', 'incident', 'suppressed_by'])
      .orderBy('entry', 'desc')
      .limit(size + 1);
    if (rule !== undefined) query = query.where('rule', '=', rule);
    if (level !== undefined) query = query.where('level', '>=', LEVELS.indexOf(level));
    if (sinceMs !== undefined) query = query.where('at_ms', '>=', sinceMs);
    if (untilMs !== undefined) query = query.where('at_ms', '<', untilMs);
    if (incident !== undefined) query = query.where('incident', '=', incident);
    if (before !== undefined) query = query.where('entry', '<', wholeNumber(before));
    if (event !== undefined)
      query = query.where(
        'entry',
        'in',
        this.#db.selectFrom('incidents_event').select('entry').where('event', '=', event),
      );
    const { items, next } = pageOf(await query.execute(), size, ({ entry }) => String(entry));
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

function pageOf<Row>(rows: readonly Row[], size: number, key: (row: Row) => string): Page<Row> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  return { items, next: rows.length > size && last !== undefined ? key(last) : null };
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
