import { COLUMNS, type CellValue, type RowSource } from './columns.ts';
import type { EventObject } from './path.ts';

export interface RawEntry {
  index: number;
  classUid: number;
  retention: string;
  receivedMs: number;
  sourceId: string | null;
  /** OCSF JSON, UTF-8. */
  normal: Uint8Array;
}

export interface RowContext {
  classNames: Readonly<Record<number, string>>;
  standIn: (patient: string) => string;
}

/** The cells of an entry, one a column of `COLUMNS`. What is no JSON object gives a row with its heads alone. */
export function rowOf(entry: RawEntry, context: RowContext): CellValue[] {
  const { index, classUid, retention, receivedMs, sourceId, normal } = entry;
  const text = Buffer.from(normal.buffer, normal.byteOffset, normal.byteLength).toString('utf8');
  const parsed = parseObject(text);
  const source: RowSource = {
    index,
    classUid,
    className: context.classNames[classUid] ?? String(classUid),
    retention,
    receivedMs,
    sourceId,
    event: parsed ?? {},
    json: parsed === null ? '{}' : wellFormed(text, parsed),
    standIn: context.standIn,
  };
  return COLUMNS.map(({ of }) => of(source));
}

function parseObject(text: string): EventObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as EventObject) : null;
  } catch {
    return null;
  }
}

/**
 * `JSON.stringify` writes half a surrogate pair as an escape, which other readers of JSON refuse: one such record would
 * make every hunt over `json` fail.
 */
function wellFormed(text: string, event: EventObject): string {
  return /\\u[dD][89a-fA-F]/.test(text) ? JSON.stringify(repaired(event)) : text;
}

function repaired(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(repaired);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), repaired(one)]));
}
