import { recount } from './derive.ts';
import type { Importance } from './severity.ts';
import { IncidentErasure } from './store-erasure.ts';
import type { Database } from './store-tables.ts';
import { gistOf } from './store-tallies.ts';
import { IncidentStore } from './store.ts';

/**
 * Takes out what is kept of entries that are to be erased, in one transaction. Gives how many findings were or rested on them,
 * and the incidents that those belong to.
 */
export function forgetEntries(
  { state, importance }: { state: Database; importance?: Importance },
  indexes: readonly number[],
): Promise<{ findings: number; incidents: string[] }> {
  return state.transaction().execute(async (transaction) => {
    const erasure = new IncidentErasure(transaction);
    const store = new IncidentStore(transaction);
    const forgotten = await erasure.forget(indexes);
    for (const id of forgotten.incidents) {
      await recount(store, id, importance);
      await retitleMerged(store, erasure, id);
    }
    return forgotten;
  });
}

/** A title made of findings names what they named, and stays with an incident that was merged; one that a person wrote stays. */
async function retitleMerged(store: IncidentStore, erasure: IncidentErasure, id: string): Promise<void> {
  const row = await store.incident(id);
  const title = row === null ? null : gistOf(row).worst?.title;
  for (const one of await erasure.mergedInto(id))
    if (one.fixed_title === 0) await store.changeIncident(one.id, { title: title ?? 'Incident' });
}
