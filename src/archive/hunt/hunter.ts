import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api';
import { ArchiveError } from '../errors.ts';
import { HUNT_MEMORY, HUNT_THREADS, HUNTS_AT_ONCE, SQL_CHARS_MAX } from '../limits.ts';
import { VIEW_NAMES, everythingQuery, viewStatements } from '../views.ts';
import { COMMON_SETTINGS } from '../engine/settings.ts';
import { TailTables } from '../engine/tail.ts';
import { bad, checkTree } from './check.ts';
import { Slots, cancelled } from './slots.ts';
import { sqlError } from './sql-error.ts';

export interface HuntLimits {
  timeMs: number;
  seesPatients: boolean;
  signal: AbortSignal;
}

/**
 * The DuckDB instance on which other people's SQL runs. It can read the archive's folder and nothing else, its settings are
 * locked, its memory is limited, and it holds a copy of the live tail; files are written by another instance.
 */
export class Hunter {
  readonly #instance: DuckDBInstance;
  readonly #admin: DuckDBConnection;
  readonly #hunting: readonly DuckDBConnection[];
  readonly #clear: Slots<DuckDBConnection>;
  readonly #masked: Slots<DuckDBConnection>;
  readonly #running = new Set<Promise<unknown>>();
  readonly tail: TailTables;

  private constructor(parts: {
    instance: DuckDBInstance;
    admin: DuckDBConnection;
    clear: DuckDBConnection[];
    masked: DuckDBConnection[];
  }) {
    this.#instance = parts.instance;
    this.#admin = parts.admin;
    this.#hunting = [...parts.clear, ...parts.masked];
    this.#clear = new Slots(parts.clear);
    this.#masked = new Slots(parts.masked);
    this.tail = new TailTables(parts.admin);
  }

  /** `root` is the archive's folder; `table` is the first table of the tail. */
  static async open(root: string, table: string): Promise<Hunter> {
    const instance = await DuckDBInstance.create(':memory:', {
      ...COMMON_SETTINGS,
      threads: String(HUNT_THREADS),
      memory_limit: HUNT_MEMORY,
      temp_directory: '',
      max_temp_directory_size: '0KB',
      allow_community_extensions: 'false',
      allow_unsigned_extensions: 'false',
    });
    const admin = await instance.connect();
    await admin.run("SET GLOBAL TimeZone = 'UTC'");
    for (const schema of ['base', 'clear', 'masked']) await admin.run(`CREATE SCHEMA ${schema}`);
    const clear = await connections(instance, 'clear');
    const masked = await connections(instance, 'masked');
    const hunter = new Hunter({ instance, admin, clear, masked });
    await hunter.tail.create(table);
    await hunter.show([], [table]);
    for (const statement of [...viewStatements('clear'), ...viewStatements('masked')]) await admin.run(statement);
    await admin.run(`SET allowed_directories = ['${root.replaceAll("'", "''")}/']`);
    await admin.run('SET enable_external_access = false');
    await admin.run('SET lock_configuration = true');
    return hunter;
  }

  /** What the views show from now on; hunts that run already go on with what they began with. */
  async show(paths: readonly string[], tables: readonly string[]): Promise<void> {
    await this.#admin.run(`CREATE OR REPLACE VIEW base.everything AS ${everythingQuery(paths, tables)}`);
  }

  /** Resolves when no hunt runs any more that began before. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /**
   * Runs one statement and hands over its result a chunk at a time, until `take` answers false.
   * @throws {ArchiveError} `bad_sql`, `too_slow`, `too_large`, `cancelled`, `busy`; other errors are not the author's.
   */
  async run(sql: string, limits: HuntLimits, take: ResultReader): Promise<void> {
    const checked = await this.#checked(sql);
    const slots = limits.seesPatients ? this.#clear : this.#masked;
    const connection = await slots.take(limits.signal);
    const running = this.#run(connection, checked, limits, take);
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
      slots.give(connection);
    }
  }

  async #run(connection: DuckDBConnection, sql: string, limits: HuntLimits, take: ResultReader): Promise<void> {
    let stopped: ArchiveError | null = null;
    const stop = (error: ArchiveError): void => {
      stopped ??= error;
      connection.interrupt();
    };
    const onAbort = (): void => stop(cancelled());
    limits.signal.addEventListener('abort', onAbort);
    // A query that has just begun may miss an interrupt: it is repeated until the query is over.
    const deadline = performance.now() + limits.timeMs;
    const timer = setInterval(
      () => {
        if (stopped !== null) connection.interrupt();
        else if (performance.now() >= deadline) stop(slow());
      },
      Math.min(50, limits.timeMs),
    );
    try {
      if (limits.signal.aborted) throw cancelled();
      await readResult(await connection.stream(sql), take, () => stopped);
    } catch (error) {
      throw stopped ?? sqlError(error) ?? error;
    } finally {
      clearInterval(timer);
      limits.signal.removeEventListener('abort', onAbort);
      // Ends the transaction of a result that was not read to its end.
      await connection.run('SELECT 1').catch(() => undefined);
    }
  }

  /** The statement to run: as it came, when it is one SELECT; EXPLAIN is put in front of what was checked. */
  async #checked(sql: string): Promise<string> {
    if (sql.length > SQL_CHARS_MAX) throw bad(`a hunt has at most ${SQL_CHARS_MAX} characters`, 'make it shorter');
    if (sql.includes('\0')) throw bad('a hunt has no NUL characters', 'take them out');
    const explained = /^\s*explain\s+(?<rest>[^]*)$/i.exec(sql)?.groups?.['rest'];
    const statement = explained ?? sql;
    // Parses and does nothing else; even taking statements apart (`extractStatements`) opens files for some of them.
    const reader = await this.#admin.runAndReadAll('SELECT json_serialize_sql(?::VARCHAR)', [statement]);
    const tree: unknown = JSON.parse(String(reader.value(0, 0)));
    const isSelect = typeof tree === 'object' && tree !== null && Reflect.get(tree, 'error') === false;
    if (!isSelect) throw bad(notSelect(tree), 'begin with SELECT, WITH, FROM or EXPLAIN');
    checkTree(tree, VIEW_NAMES);
    return explained === undefined ? statement : `EXPLAIN ${statement}`;
  }

  /** Breaks off whatever runs; what has just begun may miss it. */
  interrupt(): void {
    for (const connection of [...this.#hunting, this.#admin]) connection.interrupt();
  }

  close(): void {
    for (const connection of [...this.#hunting, this.#admin]) connection.closeSync();
    this.#instance.closeSync();
  }
}

export interface ResultReader {
  begin(result: DuckDBResult): Promise<void> | void;
  /** False when it has enough. */
  chunk(chunk: DuckDBDataChunk, result: DuckDBResult): Promise<boolean> | boolean;
}

async function readResult(result: DuckDBResult, take: ResultReader, stopped: () => ArchiveError | null): Promise<void> {
  await take.begin(result);
  for (;;) {
    const error = stopped();
    if (error !== null) throw error;
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    if (!(await take.chunk(chunk, result))) return;
  }
}

async function connections(instance: DuckDBInstance, schema: string): Promise<DuckDBConnection[]> {
  const made: DuckDBConnection[] = [];
  for (let n = 0; n < HUNTS_AT_ONCE; n += 1) {
    const connection = await instance.connect();
    await connection.run(`SET schema = '${schema}'`);
    made.push(connection);
  }
  return made;
}

function slow(): ArchiveError {
  return new ArchiveError('too_slow', 'the hunt was stopped at its time limit', {
    advice: 'narrow it by day or by condition',
  });
}

function notSelect(tree: unknown): string {
  const said: unknown = typeof tree === 'object' && tree !== null ? Reflect.get(tree, 'error_message') : undefined;
  return typeof said === 'string' && !/Only SELECT/.test(said)
    ? (said.split('\n')[0]?.slice(0, 300) ?? '')
    : 'a hunt only reads: one SELECT or EXPLAIN';
}
