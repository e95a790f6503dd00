import type { Kysely } from 'kysely';
import type { IncidentsTables } from './store-tables.ts';
import { TallyStore } from './store-tallies.ts';

type State = Kysely<IncidentsTables>;

/** All that is kept of incidents beside their findings and what people said, in a fixed order. */
export async function aggregatesOf(state: State) {
  const rows = async (table: keyof IncidentsTables): Promise<string[]> =>
    (await state.selectFrom(table).selectAll().execute()).map((row) => JSON.stringify(row)).toSorted();
  const incidents = await state
    .selectFrom('incidents_incident')
    .select(['number', 'title', 'severity', 'first_ms', 'last_ms', 'findings', 'tactics', 'worst'])
    .where('merged_into', 'is', null)
    .orderBy('number')
    .execute();
  return {
    incidents,
    tallies: await rows('incidents_tally'),
    rules: await rows('incidents_rule'),
    loose: await rows('incidents_loose'),
    apart: await rows('incidents_apart'),
  };
}

/** Makes the aggregates of all incidents anew from their findings. */
export async function refillAll(state: State): Promise<void> {
  const tallies = new TallyStore(state);
  const rows = await state.selectFrom('incidents_incident').select('id').where('merged_into', 'is', null).execute();
  for (const { id } of rows) await tallies.refill(id);
}
