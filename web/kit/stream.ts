import { useSyncExternalStore } from 'react';
import type { StreamEvent } from '../../src/console/api.ts';
import { addressOf } from './api.ts';

/** Waits between attempts, ms: the last one is used for all further ones. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 20_000] as const;

const KINDS = ['incident', 'finding', 'sources', 'ledger', 'trouble'] as const satisfies StreamEvent['kind'][];

export type Connection = 'connecting' | 'live' | 'lost';

let connection: Connection = 'connecting';
const watchers = new Set<() => void>();

/** Whether the server's events reach this browser now. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}

export interface StreamListener {
  onEvent: (event: StreamEvent) => void;
  /** The connection stands again after it was lost: what is on screen may be old. */
  onReturn: () => void;
  /** The server refused the stream: the session may be over. */
  onRefused: () => void;
}

/**
 * Listens to the server's events until the returned function is called. EventSource repeats by itself and names the last
 * id, so that the server catches up; where it gives up (a reply other than 200), a new one is made after a growing wait.
 */
export function listen(listener: StreamListener): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const take = (message: MessageEvent<string>): void => {
    const event = parse(message.data);
    if (event !== null) listener.onEvent(event);
  };
  const open = (): void => {
    source = new EventSource(addressOf('/stream'));
    source.addEventListener('open', () => {
      if (failures > 0) listener.onReturn();
      failures = 0;
      setConnection('live');
    });
    // The server no longer knows what was missed.
    source.addEventListener('reset', () => listener.onReturn());
    source.addEventListener('message', take);
    for (const kind of KINDS) source.addEventListener(kind, take);
    source.addEventListener('error', () => {
      failures += 1;
      setConnection('lost');
      if (source?.readyState !== EventSource.CLOSED) return;
      listener.onRefused();
      again();
    });
  };
  const again = (): void => {
    source?.close();
    clearTimeout(timer);
    timer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
  };
  // A browser that wakes up should not wait for its timer.
  const hurry = (): void => {
    if (connection === 'lost') {
      clearTimeout(timer);
      source?.close();
      open();
    }
  };
  window.addEventListener('online', hurry);
  open();
  return () => {
    window.removeEventListener('online', hurry);
    clearTimeout(timer);
    source?.close();
    setConnection('connecting');
  };
}

function parse(data: string): StreamEvent | null {
  try {
    return JSON.parse(data) as StreamEvent;
  } catch {
    return null;
  }
}

function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const watcher of watchers) watcher();
}
