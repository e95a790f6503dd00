import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { JsonSource } from '../../src/ingest/source.ts';
import type { NativeFields, NativeRecord } from '../../src/ingest/types.ts';
import { checkFamilyNeverLoses, checkRecord } from './family.ts';
import { sharedPath } from './shared.ts';

/** The events in a file of rule tests: one JSON object a line, the event under `log`. */
export function pantherLogs(file: string): NativeFields[] {
  const lines = readFileSync(sharedPath(`formats/${file}`), 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line).log);
}

/** The records that a source makes of events, and the events that it does not take. */
export function parseAll(
  source: JsonSource,
  logs: readonly NativeFields[],
): { records: NativeRecord[]; others: NativeFields[] } {
  const records: NativeRecord[] = [];
  const others: NativeFields[] = [];
  for (const log of logs) {
    const parsed = source.accepts(log) ? source.parse(log) : null;
    if (parsed === null || 'reject' in parsed) others.push(log);
    else records.push(...('family' in parsed ? [parsed] : parsed));
  }
  return { records, others };
}

/**
 * Reads the file with the source: so many records, so many events of other products; each record valid and lossless,
 * also with hostile values. Returns how many kept the class that they are meant for.
 */
export function checkPanther(source: JsonSource, file: string, expected: { records: number; others: number }): number {
  const { records, others } = parseAll(source, pantherLogs(file));
  assert.deepEqual({ records: records.length, others: others.length }, expected);
  const [family] = source.families;
  assert.ok(family !== undefined);
  checkFamilyNeverLoses(family, records, 300);
  return records.filter(
    ({ fields }) => !checkRecord(family, fields).metadata.labels?.some((label) => label.startsWith('class:')),
  ).length;
}
