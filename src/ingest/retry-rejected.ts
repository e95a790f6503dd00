import type { EntryInput, StoredEntry } from '#ledger';
import { type IngestOptions, type IngestSummary, emptySummary } from './ingest.ts';
import { eventOf } from './normalise.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { patientView } from './patient-view.ts';
import { MemberReader } from './read/reader.ts';
import { retentionOf } from './retention.ts';
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
      if (done.has(entry.index) || !labelsOf(entry).some((label) => label.startsWith('rejected:'))) continue;
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

function parseAgain(entry: StoredEntry, { format, zone, year, clock }: Omit<IngestOptions, 'paths'>): EntryInput[] {
  const raw = Buffer.from(entry.raw);
  const rejected = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  const position = (rejected.unmapped?.['source'] ?? {}) as {
    file?: string;
    member?: string | null;
    record?: number;
    offset?: number;
  };
  const { file = '-', member = null, record = 0, offset = 0 } = position;
  const reader = new MemberReader(member ?? file, raw, { sources: sourcesFor(format) });
  const items = [...reader.push(raw), ...reader.end()];
  if (items.length === 0 || items.some(({ parsed }) => 'reject' in parsed)) return [];
  const receivedMs = clock.nowMs();
  const context = { receivedMs, zone, year, referenceMs: entry.receivedMs };
  return items.map((item) => {
    const event = eventOf(
      item,
      { file, member, record, offset },
      { ...context, format: item.source?.name ?? 'unknown' },
    );
    event.metadata.labels = [...(event.metadata.labels ?? []), `${RETRY_LABEL}${entry.index}`];
    const view = patientView(event);
    return {
      classUid: event.class_uid,
      retention: retentionOf(event),
      normal: JSON.stringify(event),
      raw: Uint8Array.from(item.raw),
      patient: view === null ? null : Buffer.from(JSON.stringify(view)),
    };
  });
}

function labelsOf(entry: StoredEntry): readonly string[] {
  if (entry.state !== 'present') return [];
  const text = Buffer.from(entry.normal).toString('utf8');
  // Most entries carry neither label; parsing them all would be most of the work.
  if (!text.includes(RETRY_LABEL) && !text.includes('"rejected:')) return [];
  return (JSON.parse(text) as OcsfEvent).metadata.labels ?? [];
}
