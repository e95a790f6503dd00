import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type EventExplanation, FINDING_FORMAT, type Rule, explainStored, explainViews } from '#detect/sigma';
import { FAMILIES, type NativeRecord, type OcsfEvent, SOURCES, type Source, normalise } from '#ingest';
import { messageOf } from '#kernel';
import type { CliIo } from './io.ts';
import { UsageError } from './usage.ts';

/** An event for `explain`: beyond it the file is no single event. */
const EVENT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The one JSON value of a file, or of standard input (`-`).
 * @throws {UsageError} when it cannot be read, is too large or no JSON.
 */
export async function readEvent(path: string, io: CliIo): Promise<unknown> {
  let bytes: Buffer;
  try {
    bytes = path === '-' ? await readAll(io.stdin()) : readFileSync(resolve(io.cwd, path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the event cannot be read (${messageOf(error)})`);
  }
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new UsageError('the event is not one JSON value');
  }
}

async function readAll(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > EVENT_BYTES_MAX) throw new UsageError(`the event is larger than ${EVENT_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Explains a rule on an event with the answer that `scan` and `detect` give: an event of the ledger, as `events` prints it,
 * gets its native names back; any other is read as its source states it, told by `family` or by its content.
 * @throws {UsageError} for what is no event, or of no known kind.
 */
export function explainEvent(rule: Rule, value: unknown, family: string | undefined): EventExplanation {
  const fields = oneObject(value);
  if (family === 'ocsf') return explainViews(rule, null, fields as OcsfEvent);
  if (family !== undefined) return explainViews(rule, { family, fields }, null);
  if (isStored(fields)) return storedExplained(rule, asStored(fields));
  for (const source of SOURCES) {
    if (source.shape !== 'json' || !source.accepts(fields)) continue;
    const parsed = source.parse(fields);
    const record: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    if (isRecord(record)) return explainViews(rule, record, eventOf(record, source));
  }
  if (typeof fields['class_uid'] === 'number') return explainViews(rule, null, fields as OcsfEvent);
  if ('EventID' in fields) return explainViews(rule, { family: 'windows', fields }, null);
  throw new UsageError('the event is of no known kind; say whose field names it has with --family');
}

/** `events --output json` gives an array. */
function oneObject(value: unknown): Record<string, unknown> {
  if (Array.isArray(value) && value.length > 1)
    throw new UsageError(`the file holds ${value.length} events; explain takes one`);
  const one: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof one !== 'object' || one === null) throw new UsageError('the event is not a JSON object');
  return one as Record<string, unknown>;
}

/** Whether it is an event of the ledger, which names the family and kind that it was mapped from. */
function isStored(fields: Readonly<Record<string, unknown>>): boolean {
  const { metadata, class_uid: classUid } = fields as {
    metadata?: { log_format?: unknown } | null;
    class_uid?: unknown;
  };
  const format = metadata?.log_format;
  if (typeof classUid !== 'number' || typeof format !== 'string') return false;
  const [family = ''] = format.split('/');
  return typeof fields['index'] === 'number' || FAMILIES.has(family) || family === 'wardkeep';
}

/** Without what `events` adds on output, which no rule sees. */
function asStored({ index: _index, raw_data: _raw, ...stored }: Record<string, unknown>): OcsfEvent {
  const event = stored as OcsfEvent;
  if (event.metadata.log_format === FINDING_FORMAT)
    throw new UsageError('the event is a finding of Wardkeep itself, and rules do not look at those');
  return event;
}

/** A file may call itself an event of the ledger and not have the form of one. */
function storedExplained(rule: Rule, event: OcsfEvent): EventExplanation {
  try {
    return explainStored(rule, event);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`the event does not have the form in which the ledger holds one (${error.message})`);
  }
}

/** The OCSF event that the ledger would hold; where the record cannot be mapped null, or what it says itself. */
function eventOf(record: NativeRecord, source: Source): OcsfEvent | null {
  const context = { receivedMs: 0, zone: undefined, year: undefined, referenceMs: 0, format: source.name };
  try {
    return normalise(record, source, context);
  } catch {
    return record.family === 'ocsf' ? (record.fields as OcsfEvent) : null;
  }
}

function isRecord(value: unknown): value is NativeRecord {
  return typeof value === 'object' && value !== null && 'family' in value && 'fields' in value;
}
