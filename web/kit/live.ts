import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { StreamEvent } from '../../src/console/api.ts';
import { renewLists } from './pages.ts';
import { listen } from './stream.ts';

/** What comes within this time is drawn at once, ms: a burst of findings costs one refresh. */
const GATHER_MS = 700;

/** Keeps what is on screen true while the session lasts. `onEvent` sees each event, for notices. */
export function useLiveData(onEvent: (event: StreamEvent) => void): void {
  const client = useQueryClient();
  useEffect(() => {
    const stale = new Set<StreamEvent['kind']>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen({
      onEvent: (event) => {
        onEvent(event);
        stale.add(event.kind);
        timer ??= setTimeout(() => {
          timer = undefined;
          for (const kind of stale) renew(client, kind);
          stale.clear();
        }, GATHER_MS);
      },
      onReturn: () => void client.invalidateQueries(),
      onRefused: () => void client.invalidateQueries({ queryKey: ['session'] }),
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, onEvent]);
}

function renew(client: QueryClient, kind: StreamEvent['kind']): void {
  const queries: Record<StreamEvent['kind'], readonly string[]> = {
    incident: ['overview', 'incident'],
    finding: ['overview'],
    sources: ['overview', 'sources', 'source'],
    ledger: ['ledger'],
    trouble: ['overview'],
  };
  for (const name of queries[kind]) void client.invalidateQueries({ queryKey: [name] });
  if (kind === 'incident') renewLists(client, 'incidents');
  if (kind === 'finding') renewLists(client, 'findings');
  if (kind === 'ledger') renewLists(client, 'events');
}
