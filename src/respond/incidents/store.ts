import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { Level } from '#detect/sigma';
import type { Migrations } from '#kernel/database';
import { tying } from './entities.ts';
import { COMMON_USERS, CONNECTED_MAX, INCIDENT_FINDINGS_MAX, PAGE_MAX } from './limits.ts';
import type { Entity, EntityKind, Finding, IncidentState, KeptFinding, Suppression, Verdict } from './types.ts';

export interface IncidentsTables {
  incidents_incident: {
    id: string;
    number: number;
    title: string;
    severity: Level;
    /** A person has set title or severity: they are left as they are. */
    fixed_title: number;
    fixed_severity: number;
    state: IncidentState;
    verdict: Verdict | null;
    assignee: string | null;
    first_ms: number;
    last_ms: number;
    created_ms: number;
    findings: number;
    merged_into: string | null;
    /** A person took it apart from that one: no finding puts them together again. */
    split_from: string | null;
  };
  incidents_finding: {
    entry: number;
    incident: string | null;
    suppressed_by: string | null;
    rule: string;
    level: number;
    first_ms: number;
    at_ms: number;
    /** `Finding` as JSON. */
    body: string;
  };
  /** Entities of findings, for look-ups; `ties`: 1 where it can tie findings together. */
  incidents_entity: { entry: number; kind: EntityKind; name: string; ties: number };
  incidents_event: { event: number; entry: number };
  incidents_note: { id: string; incident: string; author: string; at_ms: number; text: string };
  incidents_history: { id: string; incident: string; author: string; at_ms: number; text: string };
  incidents_suppression: {
    id: string;
    rule: string;
    entities: string;
    reason: string;
    author: string;
    created_ms: number;
    expires_ms: number;
    hidden: number;
  };
  incidents_cursor: { id: number; position: number };
}

export const INCIDENTS_MIGRATIONS: Migrations = {
  '0001_incidents': {
    up: async (db: Kysely<unknown>) => {
      const table = (name: string, columns: Record<string, 'text' | 'integer'>, key: string) => {
        let builder = db.schema.createTable(name);
        for (const [column, type] of Object.entries(columns))
          builder = builder.addColumn(column, type, (one) => (column === key ? one.primaryKey() : one));
        return builder.execute();
      };
      const index = (name: string, on: string, columns: string[]) =>
        db.schema.createIndex(name).on(on).columns(columns).execute();
      await table(
        'incidents_incident',
        {
          id: 'text',
          number: 'integer',
          title: 'text',
          severity: 'text',
          fixed_title: 'integer',
          fixed_severity: 'integer',
          state: 'text',
          verdict: 'text',
          assignee: 'text',
          first_ms: 'integer',
          last_ms: 'integer',
          created_ms: 'integer',
          findings: 'integer',
          merged_into: 'text',
          split_from: 'text',
        },
        'id',
      );
      await table(
        'incidents_finding',
        {
          entry: 'integer',
          incident: 'text',
          suppressed_by: 'text',
          rule: 'text',
          level: 'integer',
          first_ms: 'integer',
          at_ms: 'integer',
          body: 'text',
        },
        'entry',
      );
      await table('incidents_entity', { entry: 'integer', kind: 'text', name: 'text', ties: 'integer' }, '');
      await table('incidents_event', { event: 'integer', entry: 'integer' }, '');
      const said = { id: 'text', incident: 'text', author: 'text', at_ms: 'integer', text: 'text' } as const;
      await table('incidents_note', said, 'id');
      await table('incidents_history', said, 'id');
      await table(
        'incidents_suppression',
        {
          id: 'text',
          rule: 'text',
          entities: 'text',
          reason: 'text',
          author: 'text',
          created_ms: 'integer',
          expires_ms: 'integer',
          hidden: 'integer',
        },
        'id',
      );
      await table('incidents_cursor', { id: 'integer', position: 'integer' }, 'id');
      await index('incidents_finding_incident', 'incidents_finding', ['incident', 'first_ms']);
      await index('incidents_finding_rule', 'incidents_finding', ['rule', 'at_ms']);
      await index('incidents_entity_name', 'incidents_entity', ['kind', 'name', 'entry']);
      await index('incidents_entity_entry', 'incidents_entity', ['entry']);
      await index('incidents_event_event', 'incidents_event', ['event']);
      await index('incidents_note_incident', 'incidents_note', ['incident']);
      await index('incidents_history_incident', 'incidents_history', ['incident']);
      await index('incidents_incident_state', 'incidents_incident', ['state', 'last_ms']);
    },
  },
};

export type IncidentRow = Selectable<IncidentsTables['incidents_incident']>;
type FindingRow = Selectable<IncidentsTables['incidents_finding']>;
export type Database = Kysely<IncidentsTables>;

/** All SQL of incidents. Each method is one statement or a few; the caller puts what belongs together into one transaction. */
export class IncidentStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Runs `work` on a store in one transaction. */
  async together<Result>(work: (store: IncidentStore) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute((transaction) => work(new IncidentStore(transaction)));
  }

  async position(): Promise<number> {
    const row = await this.#db.selectFrom('incidents_cursor').select('position').executeTakeFirst();
    return row?.position ?? 0;
  }

  async setPosition(position: number): Promise<void> {
    await this.#db
      .insertInto('incidents_cursor')
      .values({ id: 1, position })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ position }))
      .execute();
  }

  async hasFinding(entry: number): Promise<boolean> {
    return (
      (await this.#db.selectFrom('incidents_finding').select('entry').where('entry', '=', entry).executeTakeFirst()) !==
      undefined
    );
  }

  async addFinding(
    finding: Finding,
    level: number,
    place: { incident: string | null; suppressedBy: string | null },
  ): Promise<void> {
    const { index, rule, firstMs, atMs, entities, events } = finding;
    const head = { entry: index, incident: place.incident, suppressed_by: place.suppressedBy, rule: rule.id, level };
    await this.#db
      .insertInto('incidents_finding')
      .values({ ...head, first_ms: firstMs, at_ms: atMs, body: JSON.stringify(finding) })
      .execute();
    const ties = new Set(tying(entities));
    const rows = entities.map((one) => ({ entry: index, kind: one.kind, name: one.name, ties: ties.has(one) ? 1 : 0 }));
    if (rows.length > 0) await this.#db.insertInto('incidents_entity').values(rows).execute();
    if (events.length > 0)
      await this.#db
        .insertInto('incidents_event')
        .values(events.map((event) => ({ event, entry: index })))
        .execute();
  }

  async setIncident(entries: readonly number[], incident: string): Promise<void> {
    for (let at = 0; at < entries.length; at += 500)
      await this.#db
        .updateTable('incidents_finding')
        .set({ incident })
        .where('entry', 'in', entries.slice(at, at + 500))
        .execute();
  }

  async moveFindings(from: string, to: string): Promise<void> {
    await this.#db.updateTable('incidents_finding').set({ incident: to }).where('incident', '=', from).execute();
    await this.#db.updateTable('incidents_note').set({ incident: to }).where('incident', '=', from).execute();
  }

  /** Of an incident, oldest first, at most INCIDENT_FINDINGS_MAX. */
  async findingsOf(incident: string): Promise<Finding[]> {
    const rows = await this.#db
      .selectFrom('incidents_finding')
      .select('body')
      .where('incident', '=', incident)
      .orderBy('first_ms')
      .orderBy('entry')
      .limit(INCIDENT_FINDINGS_MAX)
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as Finding);
  }

  async nextNumber(): Promise<number> {
    const row = await this.#db
      .selectFrom('incidents_incident')
      .select((eb) => eb.fn.max('number').as('last'))
      .executeTakeFirst();
    return (row?.last ?? 0) + 1;
  }

  async addIncident(row: Insertable<IncidentsTables['incidents_incident']>): Promise<void> {
    await this.#db.insertInto('incidents_incident').values(row).execute();
  }

  async changeIncident(id: string, change: Partial<IncidentRow>): Promise<void> {
    if (Object.keys(change).length > 0)
      await this.#db.updateTable('incidents_incident').set(change).where('id', '=', id).execute();
  }

  async incident(id: string): Promise<IncidentRow | null> {
    return (
      (await this.#db.selectFrom('incidents_incident').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  async mergedInto(id: string): Promise<IncidentRow[]> {
    return this.#db.selectFrom('incidents_incident').selectAll().where('merged_into', '=', id).execute();
  }

  /** Unclosed incidents in which the entity stands, with the span of its findings there. */
  async incidentsWith({
    kind,
    name,
  }: Entity): Promise<{ id: string; number: number; firstMs: number; lastMs: number }[]> {
    const rows = await this.#db
      .selectFrom('incidents_entity as e')
      .innerJoin('incidents_finding as f', 'f.entry', 'e.entry')
      .innerJoin('incidents_incident as i', 'i.id', 'f.incident')
      .select(['i.id', 'i.number'])
      .select((eb) => [eb.fn.min('f.first_ms').as('first'), eb.fn.max('f.at_ms').as('last')])
      .where('e.kind', '=', kind)
      .where('e.name', '=', name)
      .where('e.ties', '=', 1)
      .where('i.state', '!=', 'closed')
      .groupBy(['i.id', 'i.number'])
      .limit(CONNECTED_MAX)
      .execute();
    return rows.map(({ id, number, first, last }) => ({ id, number, firstMs: first, lastMs: last }));
  }

  /** Whether findings that name it name many different users, too. */
  async isCommon({ kind, name }: Entity): Promise<boolean> {
    const rows = await this.#db
      .selectFrom('incidents_entity as e')
      .innerJoin('incidents_entity as u', 'u.entry', 'e.entry')
      .select('u.name')
      .distinct()
      .where('e.kind', '=', kind)
      .where('e.name', '=', name)
      .where('u.kind', '=', 'user')
      .limit(COMMON_USERS)
      .execute();
    return rows.length >= COMMON_USERS;
  }

  /** The oldest unclosed incident in which the rule has a finding within the span. */
  async incidentOfRule(rule: string, fromMs: number, toMs: number): Promise<{ id: string; number: number } | null> {
    const row = await this.#db
      .selectFrom('incidents_finding as f')
      .innerJoin('incidents_incident as i', 'i.id', 'f.incident')
      .select(['i.id', 'i.number'])
      .where('f.rule', '=', rule)
      .where('f.at_ms', '>=', fromMs)
      .where('f.at_ms', '<=', toMs)
      .where('i.state', '!=', 'closed')
      .orderBy('i.number')
      .executeTakeFirst();
    return row ?? null;
  }

  /** Findings without incident in which one of the entities stands, within the span. */
  async looseWith(entities: readonly Entity[], fromMs: number, toMs: number): Promise<number[]> {
    const entries = new Set<number>();
    for (const { kind, name } of entities) {
      const rows = await this.#db
        .selectFrom('incidents_entity as e')
        .innerJoin('incidents_finding as f', 'f.entry', 'e.entry')
        .select('f.entry')
        .where('e.kind', '=', kind)
        .where('e.name', '=', name)
        .where('e.ties', '=', 1)
        .where('f.incident', 'is', null)
        .where('f.suppressed_by', 'is', null)
        .where('f.at_ms', '>=', fromMs)
        .where('f.first_ms', '<=', toMs)
        .limit(PAGE_MAX)
        .execute();
      for (const { entry } of rows) entries.add(entry);
    }
    return [...entries];
  }

  async say(
    kind: 'note' | 'history',
    row: { id: string; incident: string; author: string; at_ms: number; text: string },
  ): Promise<void> {
    await this.#db
      .insertInto(kind === 'note' ? 'incidents_note' : 'incidents_history')
      .values(row)
      .execute();
  }

  async said(kind: 'note' | 'history', incident: string) {
    return this.#db
      .selectFrom(kind === 'note' ? 'incidents_note' : 'incidents_history')
      .selectAll()
      .where('incident', '=', incident)
      .orderBy('at_ms')
      .orderBy(sql`rowid`)
      .execute();
  }

  async suppressions(): Promise<Suppression[]> {
    const rows = await this.#db.selectFrom('incidents_suppression').selectAll().orderBy('created_ms', 'desc').execute();
    return rows.map((row) => ({
      id: row.id,
      ruleId: row.rule,
      entities: JSON.parse(row.entities) as Entity[],
      reason: row.reason,
      author: row.author,
      createdMs: row.created_ms,
      expiresMs: row.expires_ms,
      hiddenSoFar: row.hidden,
    }));
  }

  async addSuppression({
    id,
    ruleId,
    entities,
    reason,
    author,
    createdMs,
    expiresMs,
    hiddenSoFar,
  }: Suppression): Promise<void> {
    const times = { created_ms: createdMs, expires_ms: expiresMs, hidden: hiddenSoFar };
    await this.#db
      .insertInto('incidents_suppression')
      .values({ id, rule: ruleId, entities: JSON.stringify(entities), reason, author, ...times })
      .execute();
  }

  async countHidden(id: string): Promise<void> {
    await this.#db
      .updateTable('incidents_suppression')
      .set((eb) => ({ hidden: eb('hidden', '+', 1) }))
      .where('id', '=', id)
      .execute();
  }

  async endSuppression(id: string, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('incidents_suppression')
      .set({ expires_ms: atMs })
      .where('id', '=', id)
      .where('expires_ms', '>', atMs)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}

export function keptFinding(row: Pick<FindingRow, 'body' | 'incident' | 'suppressed_by'>): KeptFinding {
  return { ...(JSON.parse(row.body) as Finding), incident: row.incident, suppressedBy: row.suppressed_by };
}
