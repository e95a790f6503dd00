import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { ArchiveError } from '../errors.ts';
import { HUNT_BYTES_MAX } from '../limits.ts';
import type { SqlResult } from '../types.ts';
import type { ResultReader } from './hunter.ts';
import { plainValue } from './plain.ts';

/** Gathers a result as plain rows, up to a number of rows and of bytes. */
export class Collector implements ResultReader {
  readonly #limit: number;
  #bytes = 0;
  columns: SqlResult['columns'] = [];
  rows: unknown[][] = [];
  isTruncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(result: DuckDBResult): void {
    const names = result.deduplicatedColumnNames();
    this.columns = names.map((name, n) => ({ name, type: String(result.columnType(n)) }));
  }

  chunk(chunk: DuckDBDataChunk, result: DuckDBResult): boolean {
    const wanted = Math.min(chunk.rowCount, this.#limit - this.rows.length);
    this.isTruncated = wanted < chunk.rowCount;
    const rows: unknown[][] = Array.from({ length: wanted }, () => []);
    for (let column = 0; column < chunk.columnCount; column += 1) {
      const type = result.columnType(column);
      const values = chunk.getColumnValues(column);
      for (let n = 0; n < wanted; n += 1) rows[n]?.push(this.#counted(plainValue(values[n] ?? null, type)));
    }
    this.rows.push(...rows);
    return !this.isTruncated;
  }

  #counted(value: unknown): unknown {
    this.#bytes +=
      typeof value === 'string'
        ? value.length
        : typeof value === 'object' && value !== null
          ? JSON.stringify(value).length
          : 8;
    if (this.#bytes > HUNT_BYTES_MAX)
      throw new ArchiveError('too_large', 'the result has more bytes than may be shown', {
        advice: 'name the columns that you need instead of *, or export it',
      });
    return value;
  }
}
