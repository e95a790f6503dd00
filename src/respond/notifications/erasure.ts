import type { Kysely } from 'kysely';
import { NotificationStore, type NotificationsTables } from './store.ts';
import { titleSent } from './titles.ts';
import type { DigestFacts, NotifiedIncident } from './types.ts';

/** What an incident is called now; null where there is none of this id. */
export type TitleLookup = (incident: string) => Promise<{ title: string; isNamedByHand: boolean } | null>;

interface Titled {
  id: string;
  title: string;
}

/**
 * The messages that wait, as something that quotes entries: titles name what findings named. Once incidents have forgotten
 * erased entries, each message gets the title that its incident has now. What was sent is out of reach, and no longer here.
 */
export function outboxOf(
  state: Kysely<NotificationsTables>,
  titleOf: TitleLookup,
): { forget(indexes: readonly number[]): Promise<number> } {
  return {
    // Messages do not say on which entries they rest: all that wait are looked at, a few hundred at most.
    async forget() {
      const titles = new Map<string, string>();
      for (const { id } of incidentsIn(await new NotificationStore(state).bodies()))
        if (!titles.has(id)) titles.set(id, titleSent(await titleOf(id)));
      return new NotificationStore(state).atomically((store) => retitle(store, titles));
    },
  };
}

type Body = Awaited<ReturnType<NotificationStore['bodies']>>[number];

async function retitle(store: NotificationStore, titles: ReadonlyMap<string, string>): Promise<number> {
  let changed = 0;
  for (const row of await store.bodies()) {
    const { body, incidents } = parsed(row);
    const stale = incidents.filter(({ id, title }) => title !== (titles.get(id) ?? titleSent(null)));
    for (const one of stale) one.title = titles.get(one.id) ?? titleSent(null);
    if (stale.length === 0) continue;
    await store.setBody(row.id, JSON.stringify(body));
    changed += 1;
  }
  return changed;
}

function incidentsIn(rows: readonly Body[]): Titled[] {
  return rows.flatMap((row) => parsed(row).incidents);
}

function parsed({ kind, body: text }: Body): { body: unknown; incidents: Titled[] } {
  if (kind === 'digest') {
    const body = JSON.parse(text) as { facts: Omit<DigestFacts, 'fresh'> & { fresh: NotifiedIncident[] } };
    return { body, incidents: body.facts.fresh };
  }
  const body = JSON.parse(text) as NotifiedIncident;
  return { body, incidents: [body] };
}
