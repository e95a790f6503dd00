import { ROUTES_MAX } from '../limits.ts';
import type { Fields } from '../values.ts';
import { applicationRouters } from './applications.ts';
import { cloudRouters } from './cloud.ts';
import { linuxRouters } from './linux.ts';
import { networkRouters } from './network.ts';
import { type FamilyRouter, type Route, makeRoute, single } from './route.ts';
import { webRouters } from './web.ts';
import { linuxSysmonRouter, windowsRouter } from './windows.ts';

const FAMILY_ROUTERS: Readonly<Record<string, FamilyRouter>> = {
  windows: windowsRouter,
  'sysmon-linux': linuxSysmonRouter,
  ...linuxRouters,
  ...networkRouters,
  ...webRouters,
  ...cloudRouters,
  ...applicationRouters,
};

/** Finds the route of a record. One an engine: it keeps what it has met. */
export class Router {
  readonly #families = new Map<string, { router: FamilyRouter; routes: Map<string, Route> }>();
  #count = 0;

  /** The route of a record; the same object for the same kind, until ROUTES_MAX kinds have been met. */
  route(family: string, fields: Fields): Route {
    const known = this.#families.get(family) ?? this.#open(family);
    const key = known.router.key(fields);
    return known.routes.get(key) ?? this.#add(known, family, key);
  }

  #open(family: string): { router: FamilyRouter; routes: Map<string, Route> } {
    const router = Object.hasOwn(FAMILY_ROUTERS, family) ? FAMILY_ROUTERS[family] : undefined;
    const opened = { router: router ?? single({ products: [family] }), routes: new Map<string, Route>() };
    this.#families.set(family, opened);
    return opened;
  }

  #add(known: { router: FamilyRouter; routes: Map<string, Route> }, family: string, key: string): Route {
    if (this.#count >= ROUTES_MAX) this.#forget();
    const route = makeRoute(`${family}\n${key}`, known.router.facts(key));
    known.routes.set(key, route);
    this.#count++;
    return route;
  }

  #forget(): void {
    for (const { routes } of this.#families.values()) routes.clear();
    this.#count = 0;
  }
}
