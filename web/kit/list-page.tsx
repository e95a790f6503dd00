import { t } from '../text/index.ts';
import { ExportList, type ExportListProps } from './export-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import type { Filters } from './filters.ts';
import { Page } from './page.tsx';
import type { PagedList } from './pages.ts';
import { SavedFilters } from './saved-filters.tsx';
import type { Ordered } from './sorted.ts';
import { Empty } from './states.tsx';
import { VirtualList, type VirtualListProps } from './virtual-list.tsx';

type Shown<T> = Pick<VirtualListProps<T>, 'columns' | 'keyOf' | 'card' | 'onOpen' | 'picked' | 'onEscape'>;

export interface ListPageProps<T> extends Shown<T> {
  title: string;
  lead?: string;
  list: PagedList<T>;
  filters: Filters<string>;
  onClear: () => void;
  /** The controls of the filters. */
  controls: React.ReactNode;
  moreControls?: React.ReactNode;
  /** For a list without any filter that has nothing. */
  empty: { icon: React.ReactNode; title: string; advice: string };
  /** The columns by which the server orders it, and the order now; none where it has one order alone. */
  order?: Ordered & { ids: readonly string[] };
  exported: Omit<ExportListProps<T>, 'keyOf'>;
  /** Beside the list: the drawer of an entry. */
  children?: React.ReactNode;
}

/** A page that is one list: filters and order in the address, keys to walk it, the whole of it as a file. */
export function ListPage<T>(props: ListPageProps<T>): React.ReactNode {
  const { title, lead, list, filters, onClear, controls, moreControls, empty, exported, order, children, ...shown } =
    props;
  const { items, ...paged } = list;
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Page
      title={title}
      {...(lead !== undefined && { lead })}
      shape="list"
      actions={
        <>
          <SavedFilters
            page={exported.name}
            filters={{ ...filters, ...(typeof order?.sort === 'string' && { sort: order.sort }) }}
          />
          {items.length > 0 && <ExportList {...exported} keyOf={shown.keyOf} />}
        </>
      }
    >
      <FilterBar isFiltered={isFiltered} onClear={onClear} more={moreControls}>
        {controls}
      </FilterBar>
      <VirtualList
        {...shown}
        {...paged}
        items={items}
        {...(order !== undefined && { ordered: order.ids, sort: order.sort, onSort: order.onSort })}
        label={title}
        onRetry={list.reset}
        onMore={list.more}
        onNewer={list.reset}
        empty={
          <Empty
            icon={empty.icon}
            title={isFiltered ? t.common.empty.filtered : empty.title}
            advice={isFiltered ? t.common.empty.filteredAdvice : empty.advice}
          />
        }
      />
      {children}
    </Page>
  );
}
