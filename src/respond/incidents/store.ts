import { sql } from 'kysely';
import { FINDINGS_TOLD_MAX } from './limits.ts';
import { BatchStore } from './store-batch.ts';
import type { Database, IncidentRow } from './store-tables.ts';
import { TallyStore } from './store-tallies.ts';
import type { Entity, Finding, KeptFinding, Suppression } from './types.ts';

/** All SQL of incidents. Each method is one statement or a few; the caller puts what belongs together into one transaction. */
export class IncidentStore {
  readonly #db: Database;
  readonly batch: BatchStore;
  readonly tallies: TallyStore;

  constructor(db: Database) {
    this.#db = db;
    this.batch = new BatchStore(db);
    this.tallies = new TallyStore(db);
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

  async setIncident(entries: readonly number[], incident: string): Promise<void> {
    for (let at = 0; at < entries.length; at += 500)
      await this.#db
        .updateTable('incidents_finding')
        .set({ incident })
        .where('entry', 'in', entries.slice(at, at + 500))
        .execute();
  }

  /** Findings, notes and what it is to be kept apart from. */
  async moveAll(from: string, to: string): Promise<void> {
    await this.#db.updateTable('incidents_finding').set({ incident: to }).where('incident', '=', from).execute();
    await this.#db.updateTable('incidents_note').set({ incident: to }).where('incident', '=', from).execute();
    const apart = await this.apartFrom([from]);
    await this.#db
      .deleteFrom('incidents_apart')
      .where((eb) => eb.or([eb('one', '=', from), eb('other', '=', from)]))
      .execute();
    for (const { one, other } of apart) {
      const far = one === from ? other : one;
      if (far !== to) await this.keepApart(to, far);
    }
  }

  async keepApart(one: string, other: string): Promise<void> {
    await this.#db
      .insertInto('incidents_apart')
      .values({ one, other })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** Pairs of incidents, one of which is among these, that a person took apart. */
  async apartFrom(ids: readonly string[]): Promise<{ one: string; other: string }[]> {
    const { rows } = await sql<{ one: string; other: string }>`
      select one, other from incidents_apart where one in (select value from json_each(${JSON.stringify(ids)}))
      union select one, other from incidents_apart where other in (select value from json_each(${JSON.stringify(ids)}))
      `.execute(this.#db);
    return rows;
  }

  /**
   * Of an incident, oldest first. Of one with more than FINDINGS_TOLD_MAX the first and the last of them: how it began and
   * where it has come to.
   */
  async findingsOf(incident: string): Promise<Finding[]> {
    const ends = async (order: 'asc' | 'desc', limit: number): Promise<Finding[]> => {
      const rows = await this.#db
        .selectFrom('incidents_finding')
        .select('body')
        .where('incident', '=', incident)
        .orderBy('first_ms', order)
        .orderBy('entry', order)
        .limit(limit)
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as Finding);
    };
    const first = await ends('asc', FINDINGS_TOLD_MAX + 1);
    if (first.length <= FINDINGS_TOLD_MAX) return first;
    const half = FINDINGS_TOLD_MAX / 2;
    return [...first.slice(0, half), ...(await ends('desc', half)).toReversed()];
  }

  /** Those of the entries that are findings of the incident. */
  async entriesOf(incident: string, entries: readonly number[]): Promise<number[]> {
    const { rows } = await sql<{ entry: number }>`
      select entry from incidents_finding where incident = ${incident}
        and entry in (select value from json_each(${JSON.stringify(entries)})) order by entry`.execute(this.#db);
    return rows.map(({ entry }) => entry);
  }

  async nextNumber(): Promise<number> {
    const row = await this.#db
      .selectFrom('incidents_incident')
      .select((eb) => eb.fn.max('number').as('last'))
      .executeTakeFirst();
    return (row?.last ?? 0) + 1;
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

  /** The newest first; `sinceMs`: those in force at or after it. */
  async suppressions(sinceMs = 0): Promise<Suppression[]> {
    const rows = await this.#db
      .selectFrom('incidents_suppression')
      .selectAll()
      .where('expires_ms', '>', sinceMs)
      .orderBy('created_ms', 'desc')
      .execute();
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

export function keptFinding(row: { body: string; incident: string | null; suppressed_by: string | null }): KeptFinding {
  return { ...(JSON.parse(row.body) as Finding), incident: row.incident, suppressedBy: row.suppressed_by };
}
