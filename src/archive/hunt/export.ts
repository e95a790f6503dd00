import type { DuckDBAppender, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { Engine } from '../engine/engine.ts';
import { placeFile, removeFile, writeFailure } from '../engine/files.ts';
import { type Writer, quote } from '../engine/writer.ts';
import { ArchiveError } from '../errors.ts';
import { EXPORT_ROWS_MAX } from '../limits.ts';
import type { SqlOptions } from '../types.ts';
import type { ResultReader } from './hunter.ts';
import { timeLimit } from './hunt.ts';

export interface ExportOptions extends SqlOptions {
  path: string;
  format: 'csv' | 'json' | 'parquet';
  signal: AbortSignal;
}

const FORMATS = {
  csv: 'FORMAT csv, HEADER true',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
} as const;

let exports = 0;

/**
 * Runs a hunt and writes its result to a file, whole or not at all. The hunting instance may write nothing, so the result
 * passes through a table of the other one.
 * @throws {ArchiveError} as `Hunter.run`; `write_failed`
 */
export async function exportResult(engine: Engine, sql: string, options: ExportOptions): Promise<void> {
  const { path, format, seesPatients, signal } = options;
  exports += 1;
  const table = `base.export_${exports}`;
  const temporary = `${path}.${exports}.tmp`;
  const filler = new Filler(engine.writer, table, Math.max(1, Math.min(EXPORT_ROWS_MAX, Math.trunc(options.limit))));
  try {
    await engine.hunter.run(sql, { timeMs: timeLimit(options), seesPatients, signal }, filler);
    filler.close();
    await write(
      engine.writer,
      `COPY (${selection(filler, table, format)}) TO ${quote(temporary)} (${FORMATS[format]})`,
    );
    placeFile(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw error instanceof ArchiveError ? error : writeFailure(error);
  } finally {
    filler.close();
    await engine.writer.connection.run(`DROP TABLE IF EXISTS ${table}`);
  }
}

async function write(writer: Writer, sql: string): Promise<void> {
  try {
    await writer.connection.run(sql);
  } catch (error) {
    throw writeFailure(error);
  }
}

/** Fills a table with a result of any shape. */
class Filler implements ResultReader {
  readonly #writer: Writer;
  readonly #table: string;
  readonly #limit: number;
  #appender: DuckDBAppender | null = null;
  #rows = 0;
  columns: { name: string; type: string }[] = [];

  constructor(writer: Writer, table: string, limit: number) {
    this.#writer = writer;
    this.#table = table;
    this.#limit = limit;
  }

  async begin(result: DuckDBResult): Promise<void> {
    const names = result.deduplicatedColumnNames();
    this.columns = names.map((name, n) => ({ name, type: String(result.columnType(n)) }));
    const columns = this.columns.map(({ name, type }) => `${identifier(name)} ${type}`);
    await this.#writer.connection.run(`CREATE TABLE ${this.#table} (${columns.join(', ')})`);
    const [schema, name] = this.#table.split('.');
    this.#appender = await this.#writer.connection.createAppender(name ?? '', schema);
  }

  chunk(chunk: DuckDBDataChunk): boolean {
    this.#rows += chunk.rowCount;
    if (this.#rows > this.#limit)
      throw new ArchiveError('too_large', `the result has more than ${this.#limit} rows`, {
        advice: 'add a LIMIT, or export it in parts by day',
      });
    this.#appender?.appendDataChunk(chunk);
    return true;
  }

  close(): void {
    this.#appender?.closeSync();
    this.#appender = null;
  }
}

function selection({ columns }: Filler, table: string, format: ExportOptions['format']): string {
  return `SELECT ${columns.map(({ name, type }) => (format === 'csv' && type === 'VARCHAR' ? unarmed(name) : identifier(name))).join(', ')} FROM ${table}`;
}

/** A log line can be a formula, which a spreadsheet would run: such texts get an apostrophe in front. */
function unarmed(name: string): string {
  const column = identifier(name);
  return `CASE WHEN regexp_matches(${column}, '^[=+@\\t\\r-]') THEN concat('''', ${column}) ELSE ${column} END AS ${column}`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
