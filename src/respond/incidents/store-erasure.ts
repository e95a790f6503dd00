import { sql } from 'kysely';
import { COMMON_USERS } from './limits.ts';
import type { Database, IncidentRow } from './store-tables.ts';
import type { Finding } from './types.ts';

/** Values bound to one statement. */
const BOUND_MAX = 500;

/** What incidents keep of entries that are erased from the ledger. */
export class IncidentErasure {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Findings that are, or rest on, one of the entries keep rule, time and numbers; values and names go.
   * Gives how many they were, and the incidents they belong to.
   */
  async forget(indexes: readonly number[]): Promise<{ findings: number; incidents: string[] }> {
    const incidents = new Set<string>();
    const findings = await this.#findingsAbout(indexes);
    for (const entry of findings) {
      const row = await this.#db
        .selectFrom('incidents_finding')
        .select(['body', 'incident'])
        .where('entry', '=', entry)
        .executeTakeFirstOrThrow();
      const body: Finding = { ...(JSON.parse(row.body) as Finding), match: {}, entities: [] };
      await this.#db
        .updateTable('incidents_finding')
        .set({ body: JSON.stringify(body) })
        .where('entry', '=', entry)
        .execute();
      await this.#forgetEntities(entry);
      if (row.incident !== null) incidents.add(row.incident);
    }
    return { findings: findings.size, incidents: [...incidents] };
  }

  async #forgetEntities(entry: number): Promise<void> {
    const places = await this.#db
      .selectFrom('incidents_entity')
      .select(['kind', 'name'])
      .where('entry', '=', entry)
      .where('kind', 'in', ['device', 'address'])
      .execute();
    await this.#db.deleteFrom('incidents_entity').where('entry', '=', entry).execute();
    await this.#db.deleteFrom('incidents_loose').where('entry', '=', entry).execute();
    for (const { kind, name } of places) {
      await this.#db.deleteFrom('incidents_company').where('kind', '=', kind).where('name', '=', name).execute();
      await sql`insert into incidents_company (kind, name, user)
        select distinct e.kind, e.name, u.name from incidents_entity e
        join incidents_entity u on u.entry = e.entry and u.kind = 'user'
        where e.kind = ${kind} and e.name = ${name} limit ${COMMON_USERS}`.execute(this.#db);
    }
  }

  /** Those that went into it, however often over others; their titles name what its findings named. */
  async mergedInto(id: string): Promise<IncidentRow[]> {
    const rows = new Map<string, IncidentRow>();
    for (let ids = [id]; ids.length > 0;) {
      const next = await this.#db
        .selectFrom('incidents_incident')
        .selectAll()
        .where('merged_into', 'in', ids.splice(0, BOUND_MAX))
        .execute();
      for (const row of next) if (!rows.has(row.id)) ids.push(row.id);
      for (const row of next) rows.set(row.id, row);
    }
    return [...rows.values()];
  }

  async #findingsAbout(indexes: readonly number[]): Promise<Set<number>> {
    const entries = new Set<number>();
    for (let at = 0; at < indexes.length; at += BOUND_MAX) {
      const some = indexes.slice(at, at + BOUND_MAX);
      const own = await this.#db.selectFrom('incidents_finding').select('entry').where('entry', 'in', some).execute();
      const about = await this.#db
        .selectFrom('incidents_event')
        .innerJoin('incidents_finding', 'incidents_finding.entry', 'incidents_event.entry')
        .select('incidents_finding.entry')
        .where('incidents_event.event', 'in', some)
        .execute();
      for (const { entry } of [...own, ...about]) entries.add(entry);
    }
    return entries;
  }
}
