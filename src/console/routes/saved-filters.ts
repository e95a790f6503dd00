import { z } from 'zod';
import type { SavedFilter } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { SAVED_FILTERS_MAX } from '../limits.ts';
import { IdParams } from '../query.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';
import { SavedFilterSchema } from '../schemas/saved-filters.ts';
import type { Services } from '../services.ts';
import type { FilterRow } from '../store.ts';

const RESPONDER = { right: 'respond', scope: 'respond' } as const;

export const SAVED_FILTER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/filters',
    summary: 'Saved filters of the lists, by name: those of the caller and the shared ones.',
    access: { right: 'read', scope: 'read' },
    reply: z.array(SavedFilterSchema),
    run: async (asked) => (await seenBy(asked)).map(filterOf),
  }),
  route({
    method: 'PUT',
    path: '/filters/:id',
    summary: 'Saves the filters of a list; author and time are set here. One that names a patient is refused.',
    access: RESPONDER,
    params: IdParams,
    body: SavedFilterSchema,
    reply: SavedFilterSchema,
    records: 'filter.save',
    async run(asked) {
      const { services, params, body } = asked;
      // Shared filters are seen by those who may not see patients, too; and a database is no place for names in clear.
      if (new URLSearchParams(body.search).has('patient'))
        throw new ConsoleError('invalid', 'a filter that names a patient is not saved', {
          advice: 'clear the patient, or keep the address of the page',
        });
      const all = await services.store.filters();
      const before = all.find(({ id }) => id === params.id);
      const { actor } = callerIn(asked);
      if (before !== undefined && !isSeen(before, actor.id)) throw missing();
      if (before === undefined && all.length >= SAVED_FILTERS_MAX)
        throw new ConsoleError('conflict', `there are ${SAVED_FILTERS_MAX} saved filters, the most there may be`);
      const { name, page, search, isShared } = body;
      const owner = before === undefined ? actor.id : before.owner;
      // What is shared is taken back by its owner alone.
      const shared = owner === actor.id ? Number(isShared) : 1;
      const changed_ms = services.clock.nowMs();
      const row = { id: params.id, name, page, search, author: actor.name, changed_ms, owner, shared };
      await services.store.saveFilter(row);
      return filterOf(row);
    },
  }),
  route({
    method: 'DELETE',
    path: '/filters/:id',
    summary: 'Removes a saved filter: an own one, or a shared one.',
    access: RESPONDER,
    params: IdParams,
    reply: null,
    records: 'filter.delete',
    async run(asked) {
      const { services, params } = asked;
      if (!(await seenBy(asked)).some(({ id }) => id === params.id)) throw missing();
      if (!(await services.store.deleteFilter(params.id))) throw missing();
      return null;
    },
  }),
];

/** The filters that the caller sees. */
async function seenBy(asked: { caller: Asked<unknown, unknown, unknown>['caller']; services: Services }) {
  const { actor } = callerIn(asked);
  return (await asked.services.store.filters()).filter((row) => isSeen(row, actor.id));
}

function isSeen({ owner, shared }: FilterRow, actorId: string): boolean {
  return shared === 1 || owner === actorId;
}

/** Also for one that is somebody else's: that it exists is nobody's business. */
function missing(): ConsoleError {
  return new ConsoleError('not_found', 'there is no such saved filter');
}

function filterOf({ id, name, page, search, author, changed_ms: changedMs, shared }: FilterRow): SavedFilter {
  return { id, name, page: page as SavedFilter['page'], search, isShared: shared === 1, author, changedMs };
}
