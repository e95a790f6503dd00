import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { uuidv7 } from '#kernel';
import { type Connection, createApi } from './app.ts';
import { cookieNames } from './cookies.ts';
import type { ConsoleDeps } from './deps.ts';
import { secure } from './headers.ts';
import { createHuntTurns } from './hunt-turns.ts';
import { tellNews } from './live-news.ts';
import { createLooks } from './looks.ts';
import { ROUTES } from './routes.ts';
import type { Services } from './services.ts';
import { type SettingsDesk, openSettings } from './settings.ts';
import { ConsoleStore } from './store.ts';
import { createStreamHub } from './stream.ts';
import { createVeil } from './veil.ts';
import { openWebFiles } from './web-files.ts';

/** HTTP for the staff: the API under `/api/v1`, the pages everywhere else. */
export interface Console extends Disposable {
  /** Answers a request; never rejects. `connection` is what the adapter knows of it. */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /** The same for `node:http` and `node:https`. */
  listener: RequestListener;
  /** What administrators set; the server reads zone and hospital here. */
  settings: Pick<SettingsDesk, 'values' | 'secret' | 'onChange'>;
}

/** Builds the console over the modules; its live streams end when it is disposed of. */
export async function createConsole(deps: ConsoleDeps): Promise<Console> {
  const { key, clock, random, isSecure } = deps;
  const store = new ConsoleStore(deps.state);
  const settings = await openSettings({ store, key, random });
  const services: Services = {
    ...deps,
    store,
    settings,
    cookies: cookieNames(isSecure),
    stream: createStreamHub(clock),
    veil: createVeil((patient) => deps.archive.standIn(patient)),
    hunting: createHuntTurns(),
    looks: createLooks(clock),
  };
  const configure = (): void => deps.notifier.configure(settings.values(), (name) => settings.secret(name));
  configure();
  settings.onChange(configure);
  const news = tellNews(services);
  const answer = answerer(services);
  return {
    fetch: answer,
    listener: getRequestListener((request, connection) => answer(request, connection)),
    settings,
    [Symbol.dispose]() {
      news[Symbol.dispose]();
      services.stream[Symbol.dispose]();
    },
  };
}

function answerer(services: Services): Console['fetch'] {
  const { webDirectory, clock, random, isSecure, log } = services;
  const api = createApi(services, ROUTES);
  const web = webDirectory === null ? null : openWebFiles(webDirectory, random);
  return async (request, connection = {}) => {
    try {
      const page = new URL(request.url).pathname.startsWith('/api/') ? null : await web?.serve(request);
      if (page === null || page === undefined) return await api.fetch(request, connection);
      secure(page.headers, { isSecure, requestId: uuidv7(clock, random) });
      return page;
    } catch (error) {
      log.error('a request could not be answered', error);
      return new Response('something went wrong here\n', { status: 500 });
    }
  };
}
