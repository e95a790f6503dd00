import { sql } from 'kysely';
import { json, jsonRows } from './store-json.ts';
import type { Database, IncidentRow, IncidentsTables } from './store-tables.ts';
import type { Entity, EntityKind, Finding } from './types.ts';

/** A span in which an entity ties findings of an incident. */
export interface TieRow extends Entity {
  incident: string;
  firstMs: number;
  lastMs: number;
}

/** A finding and where it goes. */
export interface Placed {
  finding: Finding;
  level: number;
  incident: string | null;
  suppressedBy: string | null;
  /** Its entities that can tie. */
  ties: readonly Entity[];
}

/** What a batch of findings reads before it, and writes after it: a few statements each, however many findings there are. */
export class BatchStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the findings that were taken before. */
  async known(entries: readonly number[]): Promise<Set<number>> {
    const { rows } = await sql<{ entry: number }>`
      select entry from incidents_finding where entry in (select value from ${json(entries)})`.execute(this.#db);
    return new Set(rows.map(({ entry }) => entry));
  }

  /** Unclosed incidents in which one of them ties within the span. */
  async tiesOf(entities: readonly Entity[], fromMs: number, toMs: number): Promise<TieRow[]> {
    if (entities.length === 0) return [];
    const { rows } = await sql<TieRow>`
      select t.kind, t.name, t.incident, t.tie_first_ms as "firstMs", t.tie_last_ms as "lastMs"
      from ${json(entities)} e cross join incidents_tally t
        on t.kind = e.value ->> 'kind' and t.name = e.value ->> 'name' and t.tie_last_ms >= ${fromMs}
      join incidents_incident i on i.id = t.incident and i.state != 'closed'
      where t.tie_first_ms <= ${toMs}`.execute(this.#db);
    return rows;
  }

  async incidents(ids: readonly string[]): Promise<IncidentRow[]> {
    const { rows } = await sql<IncidentRow>`
      select * from incidents_incident where id in (select value from ${json(ids)})`.execute(this.#db);
    return rows;
  }

  /** Users found together with each of them. */
  async companyOf(places: readonly Entity[]): Promise<(Entity & { user: string })[]> {
    if (places.length === 0) return [];
    const { rows } = await sql<Entity & { user: string }>`
      select c.kind, c.name, c.user from ${json(places)} p cross join incidents_company c
        on c.kind = p.value ->> 'kind' and c.name = p.value ->> 'name'`.execute(this.#db);
    return rows;
  }

  /** Those of them for which findings wait. */
  async awaited(entities: readonly Entity[]): Promise<Entity[]> {
    if (entities.length === 0) return [];
    const { rows } = await sql<Entity>`
      select e.value ->> 'kind' as kind, e.value ->> 'name' as name from ${json(entities)} e where exists (
        select 1 from incidents_loose l where l.kind = e.value ->> 'kind' and l.name = e.value ->> 'name')
      `.execute(this.#db);
    return rows;
  }

  /** Findings that wait, in which the entity ties within the span: the oldest, at most `limit`. */
  async looseWith({ kind, name }: Entity, span: { fromMs: number; toMs: number; limit: number }): Promise<Finding[]> {
    const rows = await this.#db
      .selectFrom('incidents_loose as l')
      .innerJoin('incidents_finding as f', 'f.entry', 'l.entry')
      .select('f.body')
      .where('l.kind', '=', kind)
      .where('l.name', '=', name)
      .where('l.at_ms', '>=', span.fromMs)
      .where('l.first_ms', '<=', span.toMs)
      .orderBy('l.at_ms')
      .orderBy('l.entry')
      .limit(span.limit)
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as Finding);
  }

  /** The oldest unclosed incident in which the rule has a finding within the span. */
  async incidentOfRule(rule: string, fromMs: number, toMs: number): Promise<string | null> {
    const { rows } = await sql<{ id: string }>`
      select i.id from incidents_rule r join incidents_incident i on i.id = r.incident and i.state != 'closed'
      where r.rule = ${rule} and r.last_ms >= ${fromMs} and r.first_ms <= ${toMs} and exists (
        select 1 from incidents_finding f where f.incident = r.incident and f.rule = r.rule
          and f.at_ms >= ${fromMs} and f.at_ms <= ${toMs})
      order by i.number limit 1`.execute(this.#db);
    return rows[0]?.id ?? null;
  }

  async addFindings(placed: readonly Placed[]): Promise<void> {
    await this.#insert(
      'incidents_finding',
      placed.map(({ finding, level, incident, suppressedBy }) => ({
        entry: finding.index,
        incident,
        suppressed_by: suppressedBy,
        rule: finding.rule.id,
        level,
        first_ms: finding.firstMs,
        at_ms: finding.atMs,
        body: JSON.stringify(finding),
      })),
    );
    await this.#insert(
      'incidents_entity',
      placed.flatMap(({ finding, ties }) =>
        finding.entities.map((entity) => ({
          entry: finding.index,
          kind: entity.kind,
          name: entity.name,
          ties: ties.includes(entity) ? 1 : 0,
        })),
      ),
    );
    await this.#insert(
      'incidents_event',
      placed.flatMap(({ finding }) => finding.events.map((event) => ({ event, entry: finding.index }))),
    );
    const waiting = placed.filter(({ incident, suppressedBy }) => incident === null && suppressedBy === null);
    await this.#insert(
      'incidents_loose',
      waiting.flatMap(({ finding: { index, firstMs, atMs }, ties }) =>
        ties.map(({ kind, name }) => ({ kind, name, entry: index, first_ms: firstMs, at_ms: atMs })),
      ),
    );
  }

  /** Findings that waited have their incident. */
  async settleLoose(entries: readonly number[], incident: string): Promise<void> {
    await sql`update incidents_finding set incident = ${incident}
      where entry in (select value from ${json(entries)})`.execute(this.#db);
    await sql`delete from incidents_loose where entry in (select value from ${json(entries)})`.execute(this.#db);
  }

  async addCompany(pairs: readonly (Entity & { user: string })[]): Promise<void> {
    if (pairs.length > 0)
      await sql`insert into ${jsonRows('incidents_company', pairs)} on conflict do nothing`.execute(this.#db);
  }

  /** Makes or replaces them. */
  async putIncidents(rows: readonly IncidentRow[]): Promise<void> {
    if (rows.length > 0) await sql`replace into ${jsonRows('incidents_incident', rows)}`.execute(this.#db);
  }

  async countHidden(hidden: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, count] of hidden)
      await this.#db
        .updateTable('incidents_suppression')
        .set((eb) => ({ hidden: eb('hidden', '+', count) }))
        .where('id', '=', id)
        .execute();
  }

  async #insert<Name extends 'incidents_finding' | 'incidents_entity' | 'incidents_event' | 'incidents_loose'>(
    table: Name,
    rows: readonly IncidentsTables[Name][],
  ): Promise<void> {
    if (rows.length > 0) await sql`insert into ${jsonRows(table, rows)}`.execute(this.#db);
  }
}

/** `user p.gruber`: entities as keys of maps. */
export function entityKey({ kind, name }: { kind: EntityKind; name: string }): string {
  return `${kind} ${name}`;
}
