import { useMemo } from 'react';
import { useFilters } from './filters.ts';

export interface Sortable<T> {
  id: string;
  /** What the column is ordered by; without it, it cannot be. */
  sortBy?: (item: T) => string | number | null;
}

export interface Sorted<T> {
  items: readonly T[];
  /** `severity`, or `-severity` from the greatest down; null in the order of the list. */
  sort: string | null;
  onSort: (id: string) => void;
}

/** An order without the rows. */
export type Ordered = Omit<Sorted<never>, 'items'>;

/** Rows of a list that is here whole, in the order of a column that the address names; a second press turns it round, a third ends it. */
export function useSorted<T>(items: readonly T[], columns: readonly Sortable<T>[]): Sorted<T> {
  const [{ sort: asked = '' }, setFilters] = useFilters<'sort'>();
  const isDown = asked.startsWith('-');
  const id = isDown ? asked.slice(1) : asked;
  const column = columns.find((one) => one.id === id && one.sortBy !== undefined);
  const sorted = useMemo(() => {
    const by = column?.sortBy;
    if (by === undefined) return items;
    return items.toSorted((a, b) => (isDown ? -1 : 1) * compare(by(a), by(b)));
    // Columns are made anew with each drawing; their id says which one it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [items, column?.id, isDown]);
  return {
    items: sorted,
    sort: column === undefined ? null : asked,
    onSort: (next) => setFilters({ sort: next !== id ? next : isDown ? null : `-${next}` }),
  };
}

/**
 * The order that the address names of a list that comes by pages: the server puts it in order, so that the first row is the
 * first of all. `ids` are the columns that it can. The first press is for the greatest first: the worst, the newest.
 */
export function useOrder(ids: readonly string[]): Ordered {
  const [{ sort: asked = '' }, setFilters] = useFilters<'sort'>();
  const id = asked.replace(/^-/, '');
  const isKnown = ids.includes(id);
  return {
    sort: isKnown ? asked : null,
    onSort: (next) => setFilters({ sort: !isKnown || next !== id ? `-${next}` : asked === id ? null : id }),
  };
}

/** Null comes last going up. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
