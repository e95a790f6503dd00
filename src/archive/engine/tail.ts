import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { chunkOf, tableColumns } from './chunk.ts';
import type { CellValue } from '../columns/columns.ts';

/**
 * A stretch of the live tail: consecutive indexes in a table of its own on each of the two DuckDB instances. A seal
 * closes it, so that what is being written does not grow, and drops it when its files count.
 */
export interface Generation {
  readonly table: string;
  /** Index with which it begins. */
  readonly from: number;
  /** Index behind the last one it has seen. */
  to: number;
  rows: number;
  bytes: number;
  /** Receive days in it. */
  readonly days: Set<string>;
  /** When its first row came, by our clock; null when empty. */
  sinceMs: number | null;
}

/** The tables of the tail on one DuckDB instance. */
export class TailTables {
  readonly #connection: DuckDBConnection;
  readonly #appenders = new Map<string, DuckDBAppender>();

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async create(table: string): Promise<void> {
    await this.#connection.run(`CREATE TABLE base.${table} (${tableColumns()})`);
    this.#appenders.set(table, await this.#connection.createAppender(table, 'base'));
  }

  append(table: string, chunk: ReturnType<typeof chunkOf>): void {
    const appender = this.#appenders.get(table);
    appender?.appendDataChunk(chunk);
    appender?.flushSync();
  }

  /** No more rows come. */
  close(table: string): void {
    this.#appenders.get(table)?.closeSync();
    this.#appenders.delete(table);
  }

  async drop(table: string): Promise<void> {
    this.close(table);
    await this.#connection.run(`DROP TABLE base.${table}`);
  }
}

export function chunk(rows: readonly CellValue[][]): ReturnType<typeof chunkOf> {
  return chunkOf(rows);
}
