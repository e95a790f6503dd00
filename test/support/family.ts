import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createDraft, finishDraft } from '../../src/ingest/ocsf/draft.ts';
import type { OcsfEvent } from '../../src/ingest/ocsf/types.ts';
import { validateEvent } from '../../src/ingest/ocsf/validate.ts';
import type { Family, MapContext, NativeFields, NativeRecord } from '../../src/ingest/types.ts';
import { byForm } from './shared.ts';

/** Arrival for tests: 2026-03-01T12:00:00Z. */
export const RECEIVED_MS = 1_772_366_400_000;

/** A context for tests; what the caller states wins. */
export function mapContext(over: Partial<MapContext> = {}): MapContext {
  return {
    format: 'test',
    receivedMs: RECEIVED_MS,
    referenceMs: RECEIVED_MS,
    zone: undefined,
    year: undefined,
    ...over,
  };
}

/** A record as the ledger would hold it: mapped, finished, through JSON. */
export function mapRecord(family: Family, fields: NativeFields, over: Partial<MapContext> = {}): OcsfEvent {
  const context = mapContext(over);
  const draft = createDraft();
  family.map(fields, draft, context);
  const time = family.time(fields, context);
  const event = finishDraft(draft, { family: family.name, kind: family.kind(fields), time, receivedMs: RECEIVED_MS });
  const stored: OcsfEvent = JSON.parse(JSON.stringify(event));
  return stored;
}

/** Maps the record and asserts that the event is valid and gives every native field back; returns the event. */
export function checkRecord(family: Family, fields: NativeFields, over: Partial<MapContext> = {}): OcsfEvent {
  const event = mapRecord(family, fields, over);
  assert.deepEqual(validateEvent(event), [], `${family.name}/${family.kind(fields)}: ${JSON.stringify(event)}`);
  assertSameFields(family.unmap(event), fields);
  return event;
}

/** Asserts equal fields, where a number and its decimal string, a truth value and its word, count as equal. */
export function assertSameFields(actual: NativeFields, expected: NativeFields): void {
  assert.deepEqual(asWords(actual), asWords(expected));
}

function asWords(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asWords);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, asWords(inner)]));
}

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '',
    '-',
    '0',
    '00',
    '1e3',
    'true',
    'False',
    '::1',
    '10.0.0.1',
    '0x10',
    '2026-01-01T00:00:00Z',
    '__proto__',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
);

/**
 * The property that every family keeps: whatever its fields hold, the event is valid and nothing is lost. Real records
 * are the seeds; fields are replaced by hostile values, taken away and added.
 */
export function checkFamilyNeverLoses(family: Family, seeds: readonly NativeRecord[], runs = 300): void {
  const paths = [...new Set(seeds.flatMap(({ fields }) => namesOf(fields)))];
  const change = fc.record({
    path: fc.constantFrom(...paths, 'x_unknown'),
    value: fc.option(hostile, { nil: undefined }),
  });
  const record = fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }));
  fc.assert(
    fc.property(record, ([seed, changes]) => {
      const fields: NativeFields = structuredClone(seed.fields);
      for (const { path, value } of changes) replace(fields, path.split('\u0000'), value);
      checkRecord(family, JSON.parse(JSON.stringify(fields)));
    }),
    { numRuns: Math.ceil(runs * byForm({ quick: 0.2, ordinary: 1, long: 1 })) },
  );
}

function namesOf(fields: NativeFields, before = '', depth = 0): string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    names.push(before + name);
    if (isFields(value) && depth < 3) names.push(...namesOf(value, `${before}${name}\u0000`, depth + 1));
  }
  return names;
}

function replace(fields: NativeFields, [name = '', ...rest]: string[], value: unknown): void {
  const inner = fields[name];
  if (rest.length > 0) {
    if (isFields(inner)) replace(inner, rest, value);
  } else if (value === undefined) delete fields[name];
  else fields[name] = value;
}

function isFields(value: unknown): value is NativeFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
