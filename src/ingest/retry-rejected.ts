import type { EntryInput, StoredEntry } from '#ledger';
import { type IngestOptions, type IngestSummary, emptySummary } from './ingest.ts';
import { entryOf } from './entry.ts';
import type { Position } from './normalise.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { MemberReader } from './read/reader.ts';
import { sourcesFor } from './sources.ts';

const RETRY_LABEL = 'retry-of:';

/**
 * Parses again what was rejected. What parses now is appended as new events, each labelled `retry-of:<first index>`; the
 * rejected entries stay as they are, and one that was retried with success is not tried again.
 * @throws {LedgerError} when the ledger cannot be read or written.
 */
export async function retryRejected(options: Omit<IngestOptions, 'paths' | 'stdin'>): Promise<IngestSummary> {
  const { ledger, patients, clock } = options;
  const started = clock.nowMs();
  const summary = emptySummary();
  const done = new Set<number>();
  for await (const batch of ledger.read())
    for (const entry of batch)
      for (const label of labelsOf(entry))
        if (label.startsWith(RETRY_LABEL)) done.add(Number(label.slice(RETRY_LABEL.length)));
  for await (const batch of ledger.read()) {
    const entries: EntryInput[] = [];
    for (const entry of batch) {
      if (done.has(entry.index) || !isRetryable(labelsOf(entry))) continue;
      const parsed = parseAgain(entry, options);
      if (parsed.length === 0) summary.rejected += 1;
      entries.push(...parsed);
      summary.events += parsed.length;
      summary.bytes += entry.raw.length;
    }
    if (entries.length === 0) continue;
    await patients.number(entries, ledger.size);
    const { size } = await ledger.append(entries);
    await patients.durable(size);
  }
  summary.seconds = (clock.nowMs() - started) / 1000;
  return summary;
}

/** Empty when it still does not parse as a whole. */
function parseAgain(entry: StoredEntry, options: Omit<IngestOptions, 'paths'>): EntryInput[] {
  const { format, zone, year, clock, raw = {} } = options;
  const bytes = Buffer.from(entry.raw);
  const rejected = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  const position = positionOf(rejected);
  const reader = new MemberReader(position.member ?? position.file, bytes, { sources: sourcesFor(format) });
  const items = [...reader.push(bytes), ...reader.end()];
  if (items.length === 0 || items.some(({ parsed, source }) => 'reject' in parsed || source === null)) return [];
  const time = { receivedMs: clock.nowMs(), zone, year, referenceMs: entry.receivedMs };
  const context = { time, raw, labels: [`${RETRY_LABEL}${entry.index}`] };
  return items.map((item) => {
    const { entry: again } = entryOf(item, position, context);
    const { classUid, retention, normal, patient } = again;
    const view = patient === null ? null : Buffer.from(patient);
    return { classUid, retention, normal, raw: Uint8Array.from(again.raw), patient: view };
  });
}

function positionOf(rejected: OcsfEvent): Position {
  const source = (rejected.unmapped?.['source'] ?? {}) as Partial<Position>;
  const { file = '-', member = null, record = 0, offset = 0 } = source;
  return { file, member, record, offset };
}

/** Of these only the beginning was kept; as a record by itself it would say what the source never said. */
const CUT_LABELS = new Set(['rejected:too_long', 'rejected:truncated']);

function isRetryable(labels: readonly string[]): boolean {
  return labels.some((label) => label.startsWith('rejected:') && !CUT_LABELS.has(label));
}

function labelsOf(entry: StoredEntry): readonly string[] {
  if (entry.state !== 'present') return [];
  const text = Buffer.from(entry.normal).toString('utf8');
  // Most entries carry neither label; parsing them all would be most of the work.
  if (!text.includes(RETRY_LABEL) && !text.includes('"rejected:')) return [];
  return (JSON.parse(text) as OcsfEvent).metadata.labels ?? [];
}
