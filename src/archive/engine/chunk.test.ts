import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { COLUMNS, type CellValue, type ColumnType } from '../columns/columns.ts';
import { CHUNK_ROWS } from '../limits.ts';
import { chunkOf, tableColumns } from './chunk.ts';

const TIME_MS_MAX = 8.64e15;

const CELL: Readonly<Record<ColumnType, fc.Arbitrary<CellValue>>> = {
  BIGINT: fc.maxSafeInteger(),
  INTEGER: fc.integer(),
  BOOLEAN: fc.boolean(),
  TIMESTAMP: fc.integer({ min: -TIME_MS_MAX, max: TIME_MS_MAX }),
  VARCHAR: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('', 'a\0b', 'twelve bytes', 'thirteen byte', 'ü'.repeat(500)),
  ),
};

const row = fc.tuple(...COLUMNS.map(({ type }) => fc.option(CELL[type])));

/** A cell as DuckDB's own text of it is read back. */
const READ: Readonly<Record<ColumnType, (name: string) => string>> = {
  BIGINT: (name) => `CAST("${name}" AS VARCHAR)`,
  INTEGER: (name) => `CAST("${name}" AS VARCHAR)`,
  BOOLEAN: (name) => `CAST("${name}" AS VARCHAR)`,
  // Microseconds as they lie: calendars of languages differ far from today.
  TIMESTAMP: (name) => `CAST(epoch_us("${name}") AS VARCHAR)`,
  VARCHAR: (name) => `"${name}"`,
};

function told(cell: CellValue, type: ColumnType): string | null {
  if (cell === null) return null;
  return type === 'TIMESTAMP' ? String(BigInt(Number(cell)) * 1000n) : String(cell);
}

test('what goes into a chunk comes out of the table', async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const select = COLUMNS.map(({ name, type }) => READ[type](name)).join(', ');
  const check = async (rows: CellValue[][]): Promise<void> => {
    await connection.run(`CREATE OR REPLACE TABLE cells (${tableColumns()})`);
    const appender = await connection.createAppender('cells');
    appender.appendDataChunk(chunkOf(rows));
    appender.closeSync();
    const read = await connection.runAndReadAll(`SELECT ${select} FROM cells ORDER BY rowid`);
    const expected = rows.map((cells) => cells.map((cell, n) => told(cell, COLUMNS[n]?.type ?? 'VARCHAR')));
    assert.deepEqual(read.getRows(), expected);
  };
  await fc.assert(fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 70 }), check), { numRuns: 60 });
  // A whole chunk, after ones that left other things behind.
  const [sample = []] = fc.sample(row, { numRuns: 1, seed: 7 });
  await check(
    Array.from({ length: CHUNK_ROWS }, (_one, n) => sample.map((cell, at) => ((n + at) % 3 === 0 ? null : cell))),
  );
  connection.closeSync();
  instance.closeSync();
});
