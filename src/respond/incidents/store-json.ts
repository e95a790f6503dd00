import { type RawBuilder, sql } from 'kysely';

/** Values as one bound text, which SQLite gives back as rows: the statement is the same for any number of them. */
export function json(values: readonly unknown[]): RawBuilder<unknown> {
  return sql`json_each(${JSON.stringify(values)})`;
}

/** `TABLE (columns) select ... `, to stand behind `insert into`: rows as one bound text. There must be one at least. */
export function jsonRows(table: string, rows: readonly object[]): RawBuilder<unknown> {
  const columns = Object.keys(rows[0] ?? {});
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const chosen = sql.join(columns.map((_, at) => sql`r.value ->> ${sql.lit(at)}`));
  const values = rows.map((row) => Object.values(row));
  // The condition tells SQLite that a clause `on conflict` behind it is none of a join.
  return sql`${sql.table(table)} (${names}) select ${chosen} from ${json(values)} r where true`;
}
