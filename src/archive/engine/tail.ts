import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { tableColumns } from './chunk.ts';

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

  /** Rows can be seen after `flush`; one for many chunks is far cheaper than one a chunk. */
  append(table: string, chunk: DuckDBDataChunk): void {
    this.#appenders.get(table)?.appendDataChunk(chunk);
  }

  flush(table: string): void {
    this.#appenders.get(table)?.flushSync();
  }

  async remove(table: string, indexes: readonly number[]): Promise<void> {
    await this.#connection.run(`DELETE FROM base.${table} WHERE "index" IN (${indexes.join(', ')})`);
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
