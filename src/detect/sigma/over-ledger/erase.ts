import type { Kysely } from 'kysely';
import type { OcsfEvent } from '#ingest';
import { scrub } from '#kernel/database';
import type { Ledger, StoredEntry } from '#ledger';
import { forgetEvents } from '../correlation/forget.ts';
import { DETECTION_FINDING, FINDING_FORMAT } from './finding-event.ts';
import { CursorStore, type DetectTables } from './store.ts';

/** What is kept beside the ledger and quotes entries of it. */
export interface DerivedStore {
  /** Removes what quotes these entries; says how many places that were. Doing it again changes nothing more. */
  forget(indexes: readonly number[]): Promise<number>;
}

export interface EraseOptions<Tables> {
  ledger: Ledger;
  /** The state database: it is rewritten, so that no deleted row is left in the file. */
  state: Kysely<Tables>;
  indexes: readonly number[];
  reason: string;
  /** Everything that quotes entries: `correlationsOf(state)` or the running detector, incidents, the archive. */
  derived: readonly DerivedStore[];
}

export interface Erasure {
  /** Where the ledger says so. */
  eventIndex: number;
  /** Bodies: those asked for and the findings about them. */
  erased: number;
  /** Indexes of the findings that were erased with them, since they quote them. */
  findings: number[];
  /** Places in derived stores that quoted them. */
  forgotten: number;
  /** False where another process reads the state file: old pages stay in its log until that has closed it. */
  isScrubbed: boolean;
}

/**
 * Erases entries and all that quotes them: findings, and what derived stores keep. Those come first, so that what the
 * ledger says to be erased is gone everywhere, whenever a crash comes; a refused erasure changes nothing.
 * @throws {LedgerError} as `Upkeep.erase`; `held` also where a hold stands over one of the findings.
 */
export async function eraseEntries<Tables>(options: EraseOptions<Tables>): Promise<Erasure> {
  const { ledger, state, indexes, reason, derived } = options;
  await ledger.upkeep.checkErasable(indexes);
  const size = ledger.size;
  const findings = await findingsAbout(ledger, indexes, Math.min(...indexes));
  const all = [...new Set([...indexes, ...findings])];
  await ledger.upkeep.checkErasable(all);
  let forgotten = 0;
  for (const store of derived) forgotten += await store.forget(all);
  // A detector at work may have found something until it, too, had forgotten them.
  const late = await findingsAbout(ledger, indexes, size);
  for (const store of late.length > 0 ? derived : []) forgotten += await store.forget(late);
  const isScrubbed = await scrub(state);
  const { eventIndex, erased } = await ledger.upkeep.erase([...all, ...late], reason);
  return { eventIndex, erased, findings: [...findings, ...late], forgotten, isScrubbed };
}

/** The open correlations as `detect` has saved them, where no detector is at work. */
export function correlationsOf(state: Kysely<DetectTables>): DerivedStore {
  const cursors = new CursorStore(state);
  return {
    async forget(indexes) {
      const cursor = await cursors.load();
      if (cursor === null) return 0;
      const { state: correlations, dropped } = forgetEvents(cursor.correlations, new Set(indexes));
      await cursors.save({ ...cursor, correlations });
      return dropped;
    },
  };
}

/** Findings of Wardkeep's own at or behind `from` that rest on one of the entries; a finding stands behind its events. */
async function findingsAbout(ledger: Ledger, indexes: readonly number[], from: number): Promise<number[]> {
  const wanted = new Set(indexes);
  const found: number[] = [];
  for await (const batch of ledger.read({ from }))
    for (const entry of batch)
      if (!wanted.has(entry.index) && evidenceOf(entry).some((index) => wanted.has(index))) found.push(entry.index);
  return found;
}

/** Indexes that a finding names; none for any other entry. */
function evidenceOf(entry: StoredEntry): number[] {
  if (entry.classUid !== DETECTION_FINDING || entry.state !== 'present') return [];
  const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  if (event.metadata.log_format !== FINDING_FORMAT) return [];
  const evidences = event['evidences'] as readonly { data: { indexes: readonly number[] } }[];
  return evidences.flatMap(({ data }) => data.indexes);
}
