import duckdb from '@duckdb/node-bindings';
import { BIGINT, BOOLEAN, DuckDBDataChunk, type DuckDBType, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import { COLUMNS, type CellValue, type ColumnType } from '../columns/columns.ts';
import { CHUNK_ROWS } from '../limits.ts';

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = { BIGINT, INTEGER, VARCHAR, BOOLEAN, TIMESTAMP };
const CHUNK_TYPES = COLUMNS.map(({ type }) => TYPES[type]);

/** One column on its way into a vector of DuckDB. */
interface Column {
  vector: duckdb.Vector;
  rows: readonly CellValue[][];
  /** Its place in a row. */
  at: number;
}

/**
 * Rows as DuckDB takes them; at most its vector size. The vectors are filled as they lie in memory (little-endian, as on every
 * platform that DuckDB is built for): the library's own way makes several big integers of each cell, which took half of the time.
 */
export function chunkOf(rows: readonly CellValue[][]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(CHUNK_TYPES, rows.length);
  for (const [at, { type }] of COLUMNS.entries()) {
    const column = { vector: duckdb.data_chunk_get_vector(chunk.chunk, at), rows, at };
    if (writeValidity(column) < rows.length) WRITE[type](column);
  }
  return chunk;
}

const validity = new Uint32Array(CHUNK_ROWS / 32);
const numbers = new ArrayBuffer(CHUNK_ROWS * 8);
const bytes = new Uint8Array(numbers);
const integers = new Int32Array(numbers);
const words = new Uint32Array(numbers);
const longs = new BigInt64Array(numbers);

/** Marks the cells that are null; gives how many there are. */
function writeValidity({ vector, rows, at }: Column): number {
  validity.fill(0xffff_ffff);
  let nulls = 0;
  for (let n = 0; n < rows.length; n += 1) {
    if (rows[n]?.[at] !== null) continue;
    nulls += 1;
    validity[n >>> 5] = (validity[n >>> 5] ?? 0) & ~(1 << (n & 31));
  }
  if (nulls === 0) return 0;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(rows.length / 64) * 8);
  return nulls;
}

const WRITE: Readonly<Record<ColumnType, (column: Column) => void>> = {
  INTEGER: (column) => writeNumbers(column, 4, (n, cell) => void (integers[n] = cell)),
  BIGINT: (column) => writeNumbers(column, 8, writeLong),
  TIMESTAMP: (column) => writeNumbers(column, 8, (n, cell) => writeMicros(n, cell)),
  BOOLEAN: (column) => writeNumbers(column, 1, (n, cell) => void (bytes[n] = cell)),
  VARCHAR: ({ vector, rows, at }) => {
    for (let n = 0; n < rows.length; n += 1) {
      const cell = rows[n]?.[at] ?? null;
      if (cell !== null) duckdb.vector_assign_string_element(vector, n, String(cell));
    }
  },
};

function writeNumbers({ vector, rows, at }: Column, size: number, write: (n: number, cell: number) => void): void {
  for (let n = 0; n < rows.length; n += 1) write(n, Number(rows[n]?.[at] ?? 0));
  duckdb.copy_data_to_vector(vector, 0, numbers, 0, rows.length * size);
}

/** A whole number of at most 53 bits, in two halves. */
function writeLong(n: number, value: number): void {
  words[2 * n] = value >>> 0;
  integers[2 * n + 1] = Math.floor(value / 0x1_0000_0000);
}

function writeMicros(n: number, ms: number): void {
  const micros = ms * 1000;
  if (Number.isSafeInteger(micros)) writeLong(n, micros);
  else longs[n] = BigInt(ms) * 1000n;
}

/** The columns of a table that holds rows. */
export function tableColumns(): string {
  return COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(', ');
}
