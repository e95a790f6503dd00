import { z } from 'zod';
import { describeApi } from './openapi.ts';
import { type Route, route } from './route.ts';
import { EVENT_ROUTES } from './routes/events.ts';
import { HUNT_ROUTES } from './routes/hunt.ts';
import { INCIDENT_ROUTES } from './routes/incidents.ts';
import { LEDGER_KEEPING_ROUTES } from './routes/ledger-keeping.ts';
import { LEDGER_ROUTES } from './routes/ledger.ts';
import { OVERVIEW_ROUTES } from './routes/overview.ts';
import { RULE_ROUTES } from './routes/rules.ts';
import { SAVED_FILTER_ROUTES } from './routes/saved-filters.ts';
import { SESSION_ROUTES } from './routes/session.ts';
import { SETTINGS_ROUTES } from './routes/settings.ts';
import { SOURCE_ROUTES } from './routes/sources.ts';
import { STREAM_ROUTES } from './routes/stream.ts';
import { USER_ROUTES } from './routes/users.ts';

const DESCRIPTION: Route = route({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This description.',
  access: { right: 'read', scope: 'read' },
  reply: z.record(z.string(), z.unknown()),
  run: async ({ services }) => describeApi(ROUTES, services.version),
});

/** Every address of the API. What is served, described and tested is this table. */
export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...OVERVIEW_ROUTES,
  ...INCIDENT_ROUTES,
  ...RULE_ROUTES,
  ...EVENT_ROUTES,
  ...HUNT_ROUTES,
  ...SAVED_FILTER_ROUTES,
  ...SOURCE_ROUTES,
  ...LEDGER_ROUTES,
  ...LEDGER_KEEPING_ROUTES,
  ...SETTINGS_ROUTES,
  ...USER_ROUTES,
  ...STREAM_ROUTES,
  DESCRIPTION,
];
