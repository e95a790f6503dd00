import { type Kysely, sql } from 'kysely';
import { tacticsOf, inOrder } from './attack.ts';
import { type Gist, type Worst, worstOf } from './gist.ts';
import { jsonRows } from './store-json.ts';
import type { Database, IncidentsTables, RuleRow, TallyRow } from './store-tables.ts';
import type { CountedEntity, Finding } from './types.ts';

/**
 * Makes the aggregates of an incident (null: of all) anew from its findings. Taking findings keeps them by itself; this is
 * for what changes an incident otherwise: parting, erasure, files of older versions.
 */
export async function fillTallies(db: Kysely<unknown>, incident: string | null): Promise<void> {
  const which = incident === null ? sql`f.incident is not null` : sql`f.incident = ${incident}`;
  await sql`insert into incidents_tally
    (incident, kind, name, findings, ties, first_ms, last_ms, tie_first_ms, tie_last_ms)
    select f.incident, e.kind, e.name, count(*), sum(e.ties), min(f.first_ms), max(f.at_ms),
      min(case when e.ties = 1 then f.first_ms end), max(case when e.ties = 1 then f.at_ms end)
    from incidents_finding f join incidents_entity e on e.entry = f.entry where ${which} group by 1, 2, 3`.execute(db);
  await sql`insert into incidents_rule
    (incident, rule, level, title, tags, findings, first_ms, last_ms, events_max, patients_max)
    select f.incident, f.rule, body ->> '$.rule.level', body ->> '$.rule.title', body -> '$.rule.tags', count(*),
      min(f.first_ms), max(f.at_ms), max(body ->> '$.eventsTotal'), max(body ->> '$.patients')
    from incidents_finding f where ${which} group by 1, 2, 3, 4, 5`.execute(db);
  const own = db as Database;
  const ids = incident === null ? await idsWithFindings(own) : [incident];
  for (const id of ids) await fillRow(own, id);
}

async function idsWithFindings(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('incidents_finding')
    .select('incident')
    .distinct()
    .where('incident', 'is not', null)
    .execute();
  return rows.flatMap(({ incident }) => incident ?? []);
}

/** Count, span, tactics and most serious finding, as its findings have them. */
async function fillRow(db: Database, id: string): Promise<void> {
  const { findings, first, last } = await db
    .selectFrom('incidents_finding')
    .select((eb) => [
      eb.fn.countAll<number>().as('findings'),
      eb.fn.min('first_ms').as('first'),
      eb.fn.max('at_ms').as('last'),
    ])
    .where('incident', '=', id)
    .executeTakeFirstOrThrow();
  const worst = await db
    .selectFrom('incidents_finding')
    .select('body')
    .where('incident', '=', id)
    .orderBy('level', 'desc')
    .orderBy('at_ms', 'desc')
    .orderBy('entry')
    .executeTakeFirst();
  const rules = await new TallyStore(db).rules(id);
  await db
    .updateTable('incidents_incident')
    .set((eb) => ({
      findings,
      ...(findings === 0 ? {} : { first_ms: first, last_ms: last }),
      tactics: JSON.stringify(inOrder(rules.flatMap(({ tags }) => tacticsOf(JSON.parse(tags) as string[])))),
      worst: worst === undefined ? null : JSON.stringify(worstOf(JSON.parse(worst.body) as Finding)),
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
}

/** Aggregates of incidents. */
export class TallyStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Rules that found something in it, the first that did first. */
  async rules(incident: string): Promise<RuleRow[]> {
    return this.#db
      .selectFrom('incidents_rule')
      .selectAll()
      .where('incident', '=', incident)
      .orderBy('first_ms')
      .orderBy('rule')
      .execute();
  }

  /** Who takes part, the most frequent first. */
  async entities(incidents: readonly string[], limit: number): Promise<Map<string, CountedEntity[]>> {
    const { rows } = await sql<{ incident: string; most: string }>`
      select i.value as incident, (select json_group_array(json_object('kind', kind, 'name', name, 'count', findings)) from (
        select kind, name, findings from incidents_tally where incident = i.value
        order by findings desc, name, kind limit ${limit})) as most
      from json_each(${JSON.stringify(incidents)}) i`.execute(this.#db);
    return new Map(rows.map(({ incident, most }) => [incident, JSON.parse(most) as CountedEntity[]]));
  }

  /** In how many findings of the incident each name ties: keys as `tieKey` makes them. */
  async tieCounts(of: readonly { incident: string; kind: string; name: string }[]): Promise<Map<string, number>> {
    if (of.length === 0) return new Map();
    const { rows } = await sql<{ incident: string; kind: string; name: string; ties: number }>`
      select t.incident, t.kind, t.name, t.ties from json_each(${JSON.stringify(of)}) a
      cross join incidents_tally t on t.incident = a.value ->> 'incident' and t.kind = a.value ->> 'kind'
        and t.name = a.value ->> 'name'`.execute(this.#db);
    return new Map(rows.map((row) => [tieKey(row), row.ties]));
  }

  /** Adds to what is there. Of two spans one of which is null it is the other: SQLite's `min()` of a null is null. */
  async add(tallies: readonly TallyRow[], rules: readonly RuleRow[]): Promise<void> {
    if (tallies.length > 0)
      await sql`insert into ${jsonRows('incidents_tally', tallies)}
        on conflict (incident, kind, name) do update set findings = findings + excluded.findings,
          ties = ties + excluded.ties, first_ms = min(first_ms, excluded.first_ms),
          last_ms = max(last_ms, excluded.last_ms),
          tie_first_ms = min(coalesce(tie_first_ms, excluded.tie_first_ms), coalesce(excluded.tie_first_ms, tie_first_ms)),
          tie_last_ms = max(coalesce(tie_last_ms, excluded.tie_last_ms), coalesce(excluded.tie_last_ms, tie_last_ms))
        `.execute(this.#db);
    if (rules.length > 0)
      await sql`insert into ${jsonRows('incidents_rule', rules)}
        on conflict (incident, rule, level, title, tags) do update set findings = findings + excluded.findings,
          first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms),
          events_max = max(events_max, excluded.events_max), patients_max = max(patients_max, excluded.patients_max)
        `.execute(this.#db);
  }

  /** What `from` has is added to `to`, and gone from it. The rows of both incidents are the caller's. */
  async move(from: string, to: string): Promise<void> {
    const tallies = await this.#db.selectFrom('incidents_tally').selectAll().where('incident', '=', from).execute();
    const rules = await this.rules(from);
    await this.clear(from);
    for (const row of [...tallies, ...rules]) row.incident = to;
    await this.add(tallies, rules);
  }

  async clear(incident: string): Promise<void> {
    await this.#db.deleteFrom('incidents_tally').where('incident', '=', incident).execute();
    await this.#db.deleteFrom('incidents_rule').where('incident', '=', incident).execute();
  }

  /** Made anew from the findings. */
  async refill(incident: string): Promise<void> {
    await this.clear(incident);
    await fillTallies(this.#db as Kysely<unknown>, incident);
  }

  /** The first entity for which `isWanted` says so, the most frequent first; null when there is none. */
  async find(incident: string, isWanted: (entity: CountedEntity) => boolean): Promise<string | null> {
    const rows = this.#db
      .selectFrom('incidents_tally')
      .select(['kind', 'name', 'findings as count'])
      .where('incident', '=', incident)
      .orderBy('findings', 'desc')
      .orderBy('name')
      .stream();
    for await (const row of rows) if (isWanted(row)) return row.name;
    return null;
  }
}

export function tieKey({ incident, kind, name }: { incident: string; kind: string; name: string }): string {
  return `${incident} ${kind} ${name}`;
}

/** What title and severity follow from, as a row keeps it. */
export function gistOf(row: Pick<IncidentsTables['incidents_incident'], 'tactics' | 'worst' | 'vital'>): Gist {
  return {
    worst: row.worst === null ? null : (JSON.parse(row.worst) as Worst),
    tactics: JSON.parse(row.tactics) as string[],
    vital: row.vital,
  };
}
