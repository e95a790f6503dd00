import type { ConsoleDeps } from './deps.ts';
import type { CookieNames } from './cookies.ts';
import type { HuntTurns } from './hunt-turns.ts';
import type { Looks } from './looks.ts';
import type { SettingsDesk } from './settings.ts';
import type { ConsoleStore } from './store.ts';
import type { StreamHub } from './stream.ts';
import type { Veil } from './veil.ts';

/** What the routes work with: what the console was given, and what it keeps itself. */
export interface Services extends ConsoleDeps {
  cookies: CookieNames;
  store: ConsoleStore;
  settings: SettingsDesk;
  stream: StreamHub;
  veil: Veil;
  hunting: HuntTurns;
  looks: Looks;
}
