import { z } from 'zod';
import type { SavedFilter } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { SAVED_FILTERS_MAX } from '../limits.ts';
import { IdParams } from '../query.ts';
import { type Route, callerIn, route } from '../route.ts';
import { SavedFilterSchema } from '../schemas/saved-filters.ts';
import type { FilterRow } from '../store.ts';

const RESPONDER = { right: 'respond', scope: 'respond' } as const;

export const SAVED_FILTER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/filters',
    summary: 'Saved filters of the lists, by name.',
    access: { right: 'read', scope: 'read' },
    reply: z.array(SavedFilterSchema),
    run: async ({ services }) => (await services.store.filters()).map(filterOf),
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
      // Everybody who may read sees saved filters, also those who may not see patients.
      if (new URLSearchParams(body.search).has('patient'))
        throw new ConsoleError('invalid', 'a filter that names a patient is not saved', {
          advice: 'clear the patient, or keep the address of the page',
        });
      const others = (await services.store.filters()).filter(({ id }) => id !== params.id);
      if (others.length >= SAVED_FILTERS_MAX)
        throw new ConsoleError('conflict', `there are ${SAVED_FILTERS_MAX} saved filters, the most there may be`);
      const { name, page, search } = body;
      const author = callerIn(asked).actor.name;
      const row = { id: params.id, name, page, search, author, changed_ms: services.clock.nowMs() };
      await services.store.saveFilter(row);
      return filterOf(row);
    },
  }),
  route({
    method: 'DELETE',
    path: '/filters/:id',
    summary: 'Removes a saved filter.',
    access: RESPONDER,
    params: IdParams,
    reply: null,
    records: 'filter.delete',
    async run({ services, params }) {
      if (!(await services.store.deleteFilter(params.id)))
        throw new ConsoleError('not_found', 'there is no such saved filter');
      return null;
    },
  }),
];

function filterOf({ changed_ms: changedMs, page, ...row }: FilterRow): SavedFilter {
  return { ...row, page: page as SavedFilter['page'], changedMs };
}
