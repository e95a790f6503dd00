import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { invariant, makeDirectory } from '#kernel';
import type { RetentionClass } from '#ledger';
import { COLUMNS } from '../columns/columns.ts';
import { RECORD_GROUP_ROWS, TELEMETRY_GROUP_ROWS, WRITER_MEMORY } from '../limits.ts';
import { hashOf, placeFile, removeFile, writeFailure } from './files.ts';
import { buildIndex, indexPath } from './file-index.ts';
import type { ArchiveFile } from './manifest.ts';
import { COMMON_SETTINGS } from './settings.ts';
import { TailTables } from './tail.ts';

const NAMES = COLUMNS.map(({ name }) => `"${name}"`).join(', ');

/** One day and class, and where its rows come from. */
export interface FileContent {
  day: string;
  retention: RetentionClass;
  /** A query's FROM clause: a table, or files. */
  from: string;
  /** The rows come in the order in which they are to lie: a sort of so many would need more memory than there is. */
  isSorted?: boolean;
  /** Paths of the files that are put together whole in this one. */
  mergedFrom?: readonly string[];
  /** Entries to be left out. */
  without?: readonly number[];
  serial: number;
}

/** The DuckDB instance that writes the archive's files and reads them for look-ups. Nobody else's SQL comes here. */
export class Writer {
  readonly #instance: DuckDBInstance;
  readonly #root: string;
  readonly connection: DuckDBConnection;
  readonly #lookups: DuckDBConnection;
  readonly tail: TailTables;

  private constructor(root: string, instance: DuckDBInstance, connections: [DuckDBConnection, DuckDBConnection]) {
    this.#root = root;
    this.#instance = instance;
    [this.connection, this.#lookups] = connections;
    this.tail = new TailTables(this.connection);
  }

  /** `root` is the archive's folder; null where nothing may be written. */
  static async open(root: string | null): Promise<Writer> {
    const temporary = root === null ? '' : join(root, 'tmp');
    if (root !== null) mkdirSync(temporary, { recursive: true, mode: 0o700 });
    const instance = await DuckDBInstance.create(':memory:', {
      ...COMMON_SETTINGS,
      threads: '1',
      memory_limit: WRITER_MEMORY,
      temp_directory: temporary,
    });
    const connection = await instance.connect();
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run('CREATE SCHEMA base');
    return new Writer(root ?? '', instance, [connection, await instance.connect()]);
  }

  /** Rows of a query of ours, as DuckDB's values; values go in as parameters. */
  async rows(sql: string, values: Record<string, DuckDBValue> = {}): Promise<DuckDBValue[][]> {
    const reader = await this.#lookups.runAndReadAll(sql, values);
    return reader.getRows();
  }

  interruptLookups(): void {
    this.#lookups.interrupt();
  }

  /** Breaks off whatever runs; what has just begun may miss it. */
  interrupt(): void {
    this.#lookups.interrupt();
    this.connection.interrupt();
  }

  /**
   * Writes one file and puts it in its place; null when there are no rows for it. It counts when a manifest names it.
   * @throws {ArchiveError} `write_failed`
   */
  async write(content: FileContent): Promise<ArchiveFile | null> {
    const facts = await this.#facts(content);
    if (facts === null) return null;
    const name = `day=${content.day}/${content.retention}-${String(facts.first).padStart(12, '0')}-${content.serial}.parquet`;
    const temporary = join(this.#root, 'tmp', `${content.serial}.parquet`);
    const path = join(this.#root, name);
    try {
      await this.connection.run(`COPY (${selection(content)}) TO ${quote(temporary)} (${format(content.retention)})`);
      makeDirectory(join(this.#root, `day=${content.day}`));
      const sha256 = hashOf(temporary);
      invariant(sha256 !== null, 'a file that was just written can be read');
      const { size } = statSync(temporary);
      const from = readFiles([temporary]);
      await buildIndex(this.connection, {
        from,
        ...(content.mergedFrom === undefined ? {} : { mergedFrom: content.mergedFrom }),
        temporary: indexPath(temporary),
        path: indexPath(path),
      });
      placeFile(temporary, path);
      return { name, day: content.day, retention: content.retention, ...facts, bytes: size, sha256 };
    } catch (error) {
      removeFile(temporary);
      throw writeFailure(error);
    }
  }

  async #facts(content: FileContent): Promise<Pick<ArchiveFile, 'rows' | 'first' | 'last' | 'minMs' | 'maxMs'> | null> {
    const reader = await this.connection.runAndReadAll(
      `SELECT count(*), min("index"), max("index"), epoch_ms(min(time)), epoch_ms(max(time)) FROM ${content.from} WHERE ${condition(content)}`,
    );
    const [rows, first, last, minMs, maxMs] = reader.getRows()[0] ?? [];
    if (rows === undefined || Number(rows) === 0) return null;
    return {
      rows: Number(rows),
      first: Number(first),
      last: Number(last),
      minMs: numberOrNull(minMs),
      maxMs: numberOrNull(maxMs),
    };
  }

  close(): void {
    this.connection.closeSync();
    this.#lookups.closeSync();
    this.#instance.closeSync();
  }
}

/** A FROM clause over files. */
export function readFiles(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quote).join(', ')}], hive_partitioning = false)`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function condition({ day, retention, without = [] }: FileContent): string {
  const kept =
    without.length === 0 ? '' : ` AND "index" NOT IN (${without.map((index) => Math.trunc(index)).join(', ')})`;
  return `CAST(received AS DATE) = DATE '${day}' AND retention = '${retention}'${kept}`;
}

/** Files with patients lie sorted by them, so that a look for one patient skips nearly all of a file. */
function selection(content: FileContent): string {
  const by = content.retention === 'record' ? 'patient, "index"' : '"index"';
  const order = content.isSorted === true ? '' : ` ORDER BY ${by}`;
  return `SELECT ${NAMES} FROM ${content.from} WHERE ${condition(content)}${order}`;
}

function format(retention: RetentionClass): string {
  const rows = retention === 'record' ? RECORD_GROUP_ROWS : TELEMETRY_GROUP_ROWS;
  return `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE ${rows}`;
}

function numberOrNull(value: DuckDBValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
