import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Longest value of a filter in an address, characters; the rest is cut. */
const FILTER_CHARS_MAX = 2_000;

/** The query string as plain strings: a user named `123` stays text. */
export function parseSearch(search: string): Record<string, string> {
  const pairs = [...new URLSearchParams(search)].map(
    ([name, value]) => [name, value.slice(0, FILTER_CHARS_MAX)] as const,
  );
  return Object.fromEntries(pairs);
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    if (typeof value === 'string' && value !== '') query.set(name, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export type Filters<K extends string> = Partial<Record<K, string | undefined>>;

/** Filters of a page, which live in its address: a link shows the same list. Setting one to null or '' clears it. */
export function useFilters<K extends string>(): [Filters<K>, (change: Partial<Record<K, string | null>>) => void] {
  // Of this page's own match: the address is already the next page's while this one is still drawn.
  const filters: Filters<K> = useSearch({ strict: false } as never);
  const navigate = useNavigate();
  const change = useCallback(
    (next: Partial<Record<K, string | null>>) => {
      void navigate({
        to: '.',
        replace: true,
        search: (previous: Record<string, unknown>) => {
          const merged = { ...previous, ...next };
          return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== ''));
        },
      } as never);
    },
    [navigate],
  );
  return [filters, change];
}

/** Of what an address says, the filters of this page alone. */
export function chosen<K extends string>(filters: Filters<string>, names: readonly K[]): Filters<K> {
  return Object.fromEntries(
    names.flatMap((name) => (filters[name] === undefined ? [] : [[name, filters[name]]])),
  ) as Filters<K>;
}

/** The change that clears all of these filters. */
export function clearing<K extends string>(filters: Filters<K>): Partial<Record<K, null>> {
  return Object.fromEntries(Object.keys(filters).map((key) => [key, null])) as Partial<Record<K, null>>;
}
