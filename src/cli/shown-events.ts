import type { OcsfEvent } from '#ingest';
import type { Ledger } from '#ledger';
import { rawData } from './raw-record.ts';
import { runsOf } from './runs.ts';

interface Found {
  index: number;
  event: OcsfEvent;
}

/**
 * The events as programs get them: `index`, the event, and `raw_data`, the record as it was received. Raw records are read
 * again for what is printed alone, a run of neighbours at a time, so that a search keeps none of them.
 * @param found newest first
 * @throws {LedgerError} `corrupt`
 */
export async function* shownEvents(ledger: Ledger, found: readonly Found[]): AsyncGenerator<object> {
  const events = new Map(found.map(({ index, event }) => [index, event]));
  for await (const { index, raw } of rawsOf(ledger, [...events.keys()])) {
    const event = events.get(index);
    if (event === undefined) continue;
    const shown = raw === null ? null : rawData(event, raw);
    yield { index, ...event, ...(shown === null ? {} : { raw_data: shown }) };
  }
}

/**
 * The raw records of entries, in the given order; null where the body was erased meanwhile.
 * @param indexes newest first
 * @throws {LedgerError} `corrupt`
 */
export async function* rawsOf(
  ledger: Ledger,
  indexes: readonly number[],
): AsyncGenerator<{ index: number; raw: Uint8Array | null }> {
  for (const run of runsOf(indexes)) {
    const asked = new Set(run);
    const raws = new Map<number, Uint8Array>();
    for await (const batch of ledger.read({ from: run.at(-1) ?? 0, to: (run[0] ?? -1) + 1 }))
      for (const { index, raw, state } of batch) if (state === 'present' && asked.has(index)) raws.set(index, raw);
    for (const index of run) yield { index, raw: raws.get(index) ?? null };
  }
}
