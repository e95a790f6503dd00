import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { parseSearch, stringifySearch } from '../kit/filters.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { Entrance } from './entrance.tsx';
import { Frame } from './shell/frame.tsx';
import { MissingPage } from './missing-page.tsx';

/** An address is untrusted: its query string is text and nothing else. */
function textOnly(search: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

const root = createRootRoute({ validateSearch: textOnly, notFoundComponent: MissingPage });

/** The link of the first start: it needs no session, and there is none. */
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./people/setup-page.tsx'), 'SetupPage'),
});

/** Everything else stands behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: () => (
    <Entrance>
      <Frame />
    </Entrance>
  ),
});

type PageModule<K extends string> = Record<K, React.ComponentType>;

/** A page that is loaded when it is first opened. */
function page<P extends string, K extends string>(path: P, load: () => Promise<PageModule<K>>, name: K) {
  return createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load, name) });
}

const pages = [
  page('/', () => import('./overview/overview-page.tsx'), 'OverviewPage'),
  page('/incidents', () => import('./incidents/incidents-page.tsx'), 'IncidentsPage'),
  page('/incidents/$id', () => import('./incidents/incident-page.tsx'), 'IncidentPage'),
  page('/suppressions', () => import('./incidents/suppressions-page.tsx'), 'SuppressionsPage'),
  page('/findings', () => import('./detection/findings-page.tsx'), 'FindingsPage'),
  page('/rules', () => import('./detection/rules-page.tsx'), 'RulesPage'),
  page('/rules/$id', () => import('./detection/rule-page.tsx'), 'RulePage'),
  page('/coverage', () => import('./detection/coverage-page.tsx'), 'CoveragePage'),
  page('/events', () => import('./evidence/events-page.tsx'), 'EventsPage'),
  page('/events/$index', () => import('./evidence/event-page.tsx'), 'EventPage'),
  page('/sources', () => import('./sources/sources-page.tsx'), 'SourcesPage'),
  page('/sources/$id', () => import('./sources/source-page.tsx'), 'SourcePage'),
  page('/ledger', () => import('./ledger/ledger-page.tsx'), 'LedgerPage'),
  page('/hunt', () => import('./hunt/hunt-page.tsx'), 'HuntPage'),
  page('/settings', () => import('./settings/settings-page.tsx'), 'SettingsPage'),
  page('/users', () => import('./settings/users-page.tsx'), 'UsersPage'),
  page('/tokens', () => import('./settings/tokens-page.tsx'), 'TokensPage'),
  page('/account', () => import('./settings/account-page.tsx'), 'AccountPage'),
  page('/identify', () => import('./places.tsx'), 'IdentifyPage'),
  page('/recover', () => import('./places.tsx'), 'RecoverPage'),
  page('/$', () => import('./missing-page.tsx'), 'MissingPage'),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([setup, inside.addChildren(pages)]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error }) => <Failure error={error} onRetry={() => location.reload()} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
