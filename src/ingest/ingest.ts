import type { Clock } from '#kernel';
import type { Ledger } from '#ledger';
import { BatchAreas } from './batch-areas.ts';
import { unpackEntries } from './packed-batch.ts';
import type { PatientCounter } from './patient-counter.ts';
import { produceInWorker } from './produce-in-worker.ts';
import type { RawPolicies } from './entry.ts';
import { type Produced, type Production, produce } from './produce.ts';
import { sourcesFor } from './sources.ts';

export interface IngestOptions {
  ledger: Ledger;
  patients: PatientCounter;
  clock: Clock;
  /** Files and folders; empty when `stdin` is read. */
  paths: readonly string[];
  stdin?: AsyncIterable<Buffer>;
  /** A source's name, or `auto`. */
  format?: string | undefined;
  zone?: string | undefined;
  year?: number | undefined;
  /** What is kept of records as received; default all of it. */
  raw?: RawPolicies;
  /** Called when a batch is durable. */
  onProgress?: (summary: Readonly<IngestSummary>) => void;
}

export interface IngestNotice {
  file: string;
  member: string | null;
  text: string;
  /** Set where something could not be read; unset for a mere notice. */
  code?: string;
  advice?: string | undefined;
}

/** What an ingest did. Everything counted is durable. */
export interface IngestSummary {
  events: number;
  rejected: number;
  /** Decompressed bytes of the records. */
  bytes: number;
  seconds: number;
  bySource: Record<string, number>;
  byReject: Record<string, number>;
  /** Events whose source states no time. */
  timeless: number;
  /** Files and members that were already in the ledger, whole. */
  notices: IngestNotice[];
  /** Files and members that could not be read, or not to their end. */
  problems: IngestNotice[];
}

/** Batches that are read and not yet durable; more would only fill memory. */
const BATCHES_AHEAD = 4;
/** Append calls under way at once: while one is being made durable, the next is hashed and sealed. */
const APPENDS_AHEAD = 2;

/**
 * Reads files, folders or a stream into the ledger. A source that was read before goes on where it stopped; kill -9 at any
 * moment and the same call again gives each record exactly once.
 * @throws {LedgerError} when the ledger cannot write; what was counted until then is durable.
 * @throws {IngestError} `unknown_format`; `unreadable` when a named path does not exist.
 */
export async function ingest(options: IngestOptions): Promise<IngestSummary> {
  const { ledger, clock } = options;
  const started = clock.nowMs();
  const summary = emptySummary();
  const underway: Promise<void>[] = [];
  let nextIndex = ledger.size;
  // One more than are on their way: the one being filled.
  const areas = BatchAreas.make(BATCHES_AHEAD + 1);
  const { produced: all, release } = productionOf(options, areas);
  for await (const produced of all) {
    if (produced.kind !== 'batch') {
      note(summary, produced);
      continue;
    }
    const { batch } = produced;
    const entries = unpackEntries(batch, areas);
    await options.patients.number(entries, nextIndex);
    nextIndex += entries.length;
    const durable = ledger.append(entries, { marks: [batch.mark] }).then(async ({ size }) => {
      release(batch);
      await options.patients.durable(size);
      add(summary, batch.counts, batch.bytes);
      summary.seconds = (clock.nowMs() - started) / 1000;
      options.onProgress?.(summary);
    });
    // Awaited below; a failure while another is awaited must not count as unhandled.
    durable.catch(() => undefined);
    underway.push(durable);
    if (underway.length >= APPENDS_AHEAD) await underway.shift();
  }
  await Promise.all(underway);
  summary.seconds = (clock.nowMs() - started) / 1000;
  return summary;
}

export function emptySummary(): IngestSummary {
  return {
    events: 0,
    rejected: 0,
    bytes: 0,
    seconds: 0,
    bySource: {},
    byReject: {},
    timeless: 0,
    notices: [],
    problems: [],
  };
}

function productionOf(options: IngestOptions, areas: BatchAreas): Production {
  const { ledger, paths, stdin, zone, year, format, clock, raw = {} } = options;
  const sources = sourcesFor(format);
  const marks = ledger.marks();
  if (stdin === undefined)
    return produceInWorker({ paths, format, zone, year, raw, marks, areas: areas.buffers }, BATCHES_AHEAD);
  return {
    produced: produce({ paths: [], stdin, sources, zone, year, raw, clock, marks, areas }),
    release: ({ area }) => (area === null ? undefined : areas.give(area)),
  };
}

function note(summary: IngestSummary, produced: Exclude<Produced, { kind: 'batch' }>): void {
  const { file, member, text } = produced;
  if (produced.kind === 'notice') summary.notices.push({ file, member, text });
  else summary.problems.push({ file, member, text, code: produced.code, advice: produced.advice });
}

function add(
  summary: IngestSummary,
  counts: Extract<Produced, { kind: 'batch' }>['batch']['counts'],
  bytes: number,
): void {
  summary.events += counts.events;
  summary.timeless += counts.timeless;
  summary.bytes += bytes;
  for (const [name, count] of Object.entries(counts.bySource))
    summary.bySource[name] = (summary.bySource[name] ?? 0) + count;
  for (const [code, count] of Object.entries(counts.rejected)) {
    summary.byReject[code] = (summary.byReject[code] ?? 0) + count;
    summary.rejected += count;
  }
}
