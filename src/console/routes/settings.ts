import type { Settings } from '../api.ts';
import { type Route, route } from '../route.ts';
import { SettingsChangeSchema, SettingsSchema, TestResultSchema } from '../schemas/settings.ts';
import type { Services } from '../services.ts';

const ADMINISTRATOR = { right: 'administer', scope: 'administer' } as const;

export const SETTINGS_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/settings',
    summary: 'All settings, and which secrets are set.',
    access: ADMINISTRATOR,
    reply: SettingsSchema,
    run: async ({ services }) => settingsOf(services),
  }),
  route({
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes settings and secrets; what is left out stays.',
    access: ADMINISTRATOR,
    body: SettingsChangeSchema,
    reply: SettingsSchema,
    records: 'settings.change',
    async run({ services, body }) {
      await services.settings.change(body);
      return settingsOf(services);
    },
  }),
  route({
    method: 'POST',
    path: '/settings/notifications/test',
    summary: 'Sends a test by each way that is set up.',
    access: ADMINISTRATOR,
    reply: TestResultSchema,
    records: 'settings.test-notifications',
    run: ({ services }) => services.notifier.test(),
  }),
];

function settingsOf({ settings, version, dataDirectory }: Services): Settings {
  return { values: settings.values(), secrets: settings.secrets(), version, dataDirectory };
}
