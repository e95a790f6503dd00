import type { RawEntry } from '../columns/row.ts';

/** OCSF Entity Management, the class of what the ledger says of itself. */
const OWN_CLASS = 3004;

/**
 * The indexes that an erasure event of the ledger names; empty for any other entry. A foreign log can look like one, so the
 * ledger itself is asked about each index before anything is taken out.
 */
export function erasedBy({ classUid, normal }: Pick<RawEntry, 'classUid' | 'normal'>): number[] {
  if (classUid !== OWN_CLASS) return [];
  const event = parse(normal);
  if (field(field(event, 'metadata'), 'log_name') !== 'wardkeep-ledger') return [];
  if (field(field(event, 'metadata'), 'event_code') !== 'erasure') return [];
  const indexes = field(field(field(event, 'entity'), 'data'), 'indexes');
  return Array.isArray(indexes) ? indexes.filter((one) => Number.isSafeInteger(one) && one >= 0).map(Number) : [];
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
