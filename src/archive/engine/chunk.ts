import {
  BIGINT,
  BOOLEAN,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { COLUMNS, type CellValue, type ColumnType } from '../columns/columns.ts';

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = { BIGINT, INTEGER, VARCHAR, BOOLEAN, TIMESTAMP };
const CHUNK_TYPES = COLUMNS.map(({ type }) => TYPES[type]);

/** Rows as DuckDB takes them; at most its vector size. */
export function chunkOf(rows: readonly CellValue[][]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(CHUNK_TYPES);
  chunk.setColumns(
    COLUMNS.map(({ type }, n) => {
      const convert = CONVERT[type];
      return rows.map((row) => {
        const cell = row[n] ?? null;
        return cell === null ? null : convert(cell);
      });
    }),
  );
  return chunk;
}

const CONVERT: Readonly<Record<ColumnType, (cell: NonNullable<CellValue>) => DuckDBValue>> = {
  BIGINT: (cell) => BigInt(cell),
  INTEGER: (cell) => cell,
  VARCHAR: (cell) => cell,
  BOOLEAN: (cell) => cell,
  TIMESTAMP: (cell) => new DuckDBTimestampValue(BigInt(cell) * 1000n),
};

/** The columns of a table that holds rows. */
export function tableColumns(): string {
  return COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(', ');
}
