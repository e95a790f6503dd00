import { TITLE_CHARS_MAX } from './limits.ts';
import { titleOf } from './severity.ts';
import { IncidentErasure } from './store-erasure.ts';
import { type Database, IncidentStore } from './store.ts';

/**
 * Takes out what is kept of entries that are to be erased, in one transaction. Gives how many findings were or rested on them,
 * and the incidents that those belong to.
 */
export function forgetEntries(
  state: Database,
  indexes: readonly number[],
): Promise<{ findings: number; incidents: string[] }> {
  return state.transaction().execute(async (transaction) => {
    const erasure = new IncidentErasure(transaction);
    const forgotten = await erasure.forget(indexes);
    for (const id of forgotten.incidents) await retitle(new IncidentStore(transaction), erasure, id);
    return forgotten;
  });
}

/** A title made of findings names what they named; one that a person wrote stays. */
async function retitle(store: IncidentStore, erasure: IncidentErasure, id: string): Promise<void> {
  const title = titleOf(await store.findingsOf(id)).slice(0, TITLE_CHARS_MAX);
  const row = await store.incident(id);
  for (const one of [...(row === null ? [] : [row]), ...(await erasure.mergedInto(id))])
    if (one.fixed_title === 0) await store.changeIncident(one.id, { title });
}
