import {
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

/** Beyond it a `Date` has no text. */
const DATE_MS_MAX = 8.64e15;

/** A value as JSON has it: whole numbers as numbers where they fit, times as ISO 8601 in UTC, the rest as DuckDB's JSON. */
export function plainValue(value: DuckDBValue, type: DuckDBType): unknown {
  if (value === null) return null;
  if (typeof value === 'bigint')
    return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : String(value);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoTime(value.micros);
  return JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter);
}

function isoTime(micros: bigint): string {
  const ms = Number(micros / 1000n);
  return Math.abs(ms) <= DATE_MS_MAX ? new Date(ms).toISOString() : String(micros);
}
