import { CompiledQuery, type Kysely } from 'kysely';

/** Tables that are made anew from the ledger, or are SQLite's and Kysely's own. All others are carried over. */
const DERIVED = /^(?:ingest|detect|incidents|kysely|sqlite)_/;

/** Whether a table can be made anew without anything that people set. */
export function isDerived(table: string): boolean {
  return DERIVED.test(table);
}

export interface CarriedOver {
  /** Table → rows. */
  tables: Record<string, number>;
  /** Tables that could not be read. */
  unreadable: string[];
}

/**
 * Copies what people set and what no ledger has (accounts, tokens, sources, settings, hunts, places of forwarding, what waits to be
 * sent) from the database at `path`, which has the same format, into a new one. A table that is damaged does not keep the
 * others.
 */
export async function carryOver<Tables>(into: Kysely<Tables>, path: string): Promise<CarriedOver> {
  const carried: CarriedOver = { tables: {}, unreadable: [] };
  // One connection: what is attached is seen by that alone.
  await into.connection().execute(async (db) => {
    const run = async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
      (await db.executeQuery<Row>(CompiledQuery.raw(sql, parameters))).rows;
    await run('ATTACH ? AS previous', [path]);
    await run('PRAGMA foreign_keys = OFF');
    const ours = await run<{ name: string }>("SELECT name FROM main.sqlite_master WHERE type = 'table'");
    for (const { name } of ours) {
      if (isDerived(name)) continue;
      try {
        const columns = await run<{ name: string }>(`SELECT name FROM pragma_table_info(?)`, [name]);
        const list = columns.map((column) => `"${column.name}"`).join(', ');
        await run(`INSERT OR REPLACE INTO main."${name}" (${list}) SELECT ${list} FROM previous."${name}"`);
        const [counted] = await run<{ count: number }>(`SELECT count(*) AS count FROM main."${name}"`);
        carried.tables[name] = counted?.count ?? 0;
      } catch {
        carried.unreadable.push(name);
      }
    }
    await run('PRAGMA foreign_keys = ON');
    await run('DETACH previous');
  });
  return carried;
}
