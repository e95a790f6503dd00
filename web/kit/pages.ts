import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Page } from '../../src/console/api.ts';
import { type Params, get } from './api.ts';

/** Entries that a list asks for at once. */
const PAGE_ENTRIES = 500;

/** Lists that hold at most so many pages are loaded again when something is new; longer ones offer it. */
const REFRESH_PAGES_MAX = 3;

/** Key prefix under which lists stand in the query cache. */
const LIST = 'list';
const NEWER = 'newer';

export interface PagedList<T> {
  items: T[];
  error: Error | null;
  isPending: boolean;
  hasMore: boolean;
  /** Entries came that this long list does not show. */
  hasNewer: boolean;
  more: () => void;
  /** Back to the first page, fresh. */
  reset: () => void;
}

/** A list of the interface, page after page as it is scrolled. `name` is what live events renew it by. */
export function usePages<T>(name: string, path: string, params: Params, keyOf: (item: T) => string): PagedList<T> {
  const client = useQueryClient();
  const queryKey = [LIST, name, params];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      get<Page<T>>(path, { ...params, before: pageParam, limit: PAGE_ENTRIES }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  // A long list is put together once a page, not once a frame of scrolling.
  const items = useMemo(
    () => onlyOnce(query.data?.pages.flatMap((page) => page.items) ?? [], keyOf),
    // What makes the key is the same for a list's life.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [query.data],
  );
  const reset = (): void => {
    client.setQueryData([NEWER, name], false);
    void client.resetQueries({ queryKey });
  };
  return {
    items,
    error: query.error,
    isPending: query.isPending,
    hasMore: query.hasNextPage,
    hasNewer: client.getQueryData([NEWER, name]) === true,
    more: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    reset,
  };
}

/** Each item once: one that changed its place while pages were read can come again, and its last state counts. */
export function onlyOnce<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

/** Something of these lists is new: short ones are loaded again, long ones get an offer to. */
export function renewLists(client: QueryClient, name: string): void {
  void client.invalidateQueries({
    queryKey: [LIST, name],
    predicate: (query) => {
      const pages = (query.state.data as InfiniteData<unknown> | undefined)?.pages.length ?? 0;
      if (pages <= REFRESH_PAGES_MAX) return true;
      client.setQueryData([NEWER, name], true);
      return false;
    },
  });
}
