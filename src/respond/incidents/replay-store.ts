import { randomUUID } from 'node:crypto';
import type { Database, IncidentRow } from './store-tables.ts';

/** Stands where the text of a note is not known. */
const NO_TEXT = '(a note was written here; its text is not kept in the ledger)';
/** Those that name the incident to which a row belongs. */
const TABLES_OF_INCIDENT = [
  'incidents_finding',
  'incidents_tally',
  'incidents_rule',
  'incidents_note',
  'incidents_history',
] as const;
const TITLE_CHANGED = 'the title was changed';

/** SQL of making incidents anew. */
export class IncidentReplayStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async byNumber(number: number): Promise<IncidentRow | null> {
    const row = await this.#db
      .selectFrom('incidents_incident')
      .selectAll()
      .where('number', '=', number)
      .executeTakeFirst();
    return row ?? null;
  }

  async count(): Promise<number> {
    const rows = await this.#db
      .selectFrom('incidents_incident')
      .select('id')
      .where('merged_into', 'is', null)
      .execute();
    return rows.length;
  }

  /** Gives an incident the id that it had before. */
  async rename(from: string, to: string, createdMs: number): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .updateTable('incidents_incident')
        .set({ id: to, created_ms: createdMs })
        .where('id', '=', from)
        .execute();
      await trx.updateTable('incidents_incident').set({ merged_into: to }).where('merged_into', '=', from).execute();
      await trx.updateTable('incidents_incident').set({ split_from: to }).where('split_from', '=', from).execute();
      for (const table of TABLES_OF_INCIDENT)
        await trx.updateTable(table).set({ incident: to }).where('incident', '=', from).execute();
      await trx.updateTable('incidents_apart').set({ one: to }).where('one', '=', from).execute();
      await trx.updateTable('incidents_apart').set({ other: to }).where('other', '=', from).execute();
    });
  }

  async noteWithoutText(incident: string, author: string, atMs: number): Promise<void> {
    const row = { id: randomUUID(), incident, author, at_ms: atMs, text: NO_TEXT };
    await this.#db.insertInto('incidents_note').values(row).execute();
  }

  async history(incident: string, author: string, atMs: number, text: string): Promise<void> {
    const row = { id: randomUUID(), incident, author, at_ms: atMs, text };
    await this.#db.insertInto('incidents_history').values(row).execute();
  }

  /** Notes without their text, and incidents whose title by hand is not known. */
  async withoutText(): Promise<{ notes: number; titles: number }> {
    const notes = await this.#db.selectFrom('incidents_note').select('id').where('text', '=', NO_TEXT).execute();
    const titles = await this.#db
      .selectFrom('incidents_incident as i')
      .innerJoin('incidents_history as h', 'h.incident', 'i.id')
      .select('i.id')
      .distinct()
      .where('h.text', '=', TITLE_CHANGED)
      .where('i.fixed_title', '=', 0)
      .execute();
    return { notes: notes.length, titles: titles.length };
  }

  /**
   * Takes ids, times and what people wrote from the incidents that were there before, where one has a finding in common with
   * ours under the same number. `acted`: ids about which the ledger has acts; of the others people's decisions are taken, too.
   * Says how many texts and decisions those were.
   */
  async carryFrom(previous: Database, acted: ReadonlySet<string>): Promise<number> {
    let carried = 0;
    for (const before of await previous.selectFrom('incidents_incident').selectAll().orderBy('number').execute()) {
      const now = await this.byNumber(before.number);
      if (now === null || !(await this.#isSame(previous, before.id, now))) continue;
      if (now.id !== before.id) await this.rename(now.id, before.id, before.created_ms);
      carried += await this.#carryTexts(previous, before.id);
      const { title, fixed_title, severity, fixed_severity, state, verdict, assignee } = before;
      await this.#db
        .updateTable('incidents_incident')
        .set({
          created_ms: before.created_ms,
          ...(fixed_title === 1 ? { title, fixed_title } : {}),
          ...(acted.has(before.id) ? {} : { state, verdict, assignee }),
          ...(acted.has(before.id) || fixed_severity === 0 ? {} : { severity, fixed_severity }),
        })
        .where('id', '=', before.id)
        .execute();
      carried += fixed_title;
    }
    return carried + (await this.#carryReasons(previous));
  }

  /** A merged incident has no findings any more: its number tells it. */
  async #isSame(previous: Database, before: string, now: IncidentRow): Promise<boolean> {
    const ours = new Set(await entriesOf(this.#db, now.id));
    const theirs = await entriesOf(previous, before);
    return theirs.length === 0 ? ours.size === 0 : theirs.some((entry) => ours.has(entry));
  }

  async #carryTexts(previous: Database, incident: string): Promise<number> {
    let carried = 0;
    for (const table of ['incidents_note', 'incidents_history'] as const) {
      const rows = await previous.selectFrom(table).selectAll().where('incident', '=', incident).execute();
      if (rows.length === 0) continue;
      await this.#db.deleteFrom(table).where('incident', '=', incident).execute();
      for (const row of rows) await this.#db.insertInto(table).values(row).execute();
      carried += table === 'incidents_note' ? rows.length : 0;
    }
    return carried;
  }

  /** Suppressions of which the ledger has no record were made before there were any. */
  async #carryReasons(previous: Database): Promise<number> {
    const rows = await previous.selectFrom('incidents_suppression').selectAll().execute();
    for (const row of rows) {
      const { reason, hidden, created_ms } = row;
      await this.#db
        .insertInto('incidents_suppression')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ reason, hidden, created_ms }))
        .execute();
    }
    return rows.length;
  }
}

async function entriesOf(db: Database, incident: string): Promise<number[]> {
  const rows = await db.selectFrom('incidents_finding').select('entry').where('incident', '=', incident).execute();
  return rows.map(({ entry }) => entry);
}
