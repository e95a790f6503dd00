import { useMediaQuery } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp, IconSelector } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { t } from '../text/index.ts';
import { useKeys } from './keyboard.ts';
import { count } from './numbers.ts';
import type { Sortable, Sorted } from './sorted.ts';
import { Failure, Loading } from './states.tsx';
import classes from './virtual-list.module.css';

/** Rows drawn beyond the visible ones, each way. */
const OVERSCAN_ROWS = 8;
const ROW_PX = 40;
const CARD_PX = 84;
/** The next page is asked for when so many rows are left. */
const MORE_AT_ROWS = 60;

export interface Column<T> extends Sortable<T> {
  title: string;
  /** A CSS grid track: `120px`, `minmax(200px, 2fr)`. */
  width: string;
  /** Left out below 1,000 px. */
  isMinor?: boolean;
  align?: 'right';
  render: (item: T) => React.ReactNode;
}

export interface VirtualListProps<T> extends Partial<Pick<Sorted<T>, 'sort' | 'onSort'>> {
  /** For assistive technology. */
  label: string;
  columns: readonly Column<T>[];
  /** Ids of columns by which the server orders the list; others are ordered here, by their `sortBy`. */
  ordered?: readonly string[];
  items: readonly T[];
  keyOf: (item: T) => string;
  /** One entry on a phone, in two lines. */
  card: (item: T) => React.ReactNode;
  onOpen?: (item: T) => void;
  onEscape?: () => void;
  /** The entry whose details are open. */
  picked?: string | null;
  isPending?: boolean;
  error?: Error | null;
  onRetry?: () => void;
  /** Rows are at least so wide, px; a narrower window scrolls them sideways. Not on phones. */
  minWidth?: number;
  /** Instead of rows when there are none. */
  empty: React.ReactNode;
  hasMore?: boolean;
  onMore?: () => void;
  hasNewer?: boolean;
  onNewer?: () => void;
}

/** A table of any length that draws only what is seen; j, k and Enter walk it. */
export function VirtualList<T>(props: VirtualListProps<T>): React.ReactNode {
  const { items, columns, keyOf, onOpen, hasMore = false, onMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isPhone = useMediaQuery('(max-width: 720px)') ?? false;
  const isNarrow = useMediaQuery('(max-width: 1000px)') ?? false;
  const [active, setActive] = useState(-1);
  const rowPx = isPhone ? CARD_PX : ROW_PX;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
  });
  const drawn = rows.getVirtualItems();
  const lastDrawn = drawn.at(-1)?.index ?? -1;

  useEffect(() => rows.measure(), [rows, rowPx]);
  useEffect(() => {
    if (hasMore && lastDrawn >= items.length - MORE_AT_ROWS) onMore?.();
  }, [hasMore, lastDrawn, items.length, onMore]);
  useKeys((event) => walk(event.key));
  const shown = useMemo(
    () => (isNarrow ? columns.filter((column) => column.isMinor !== true) : columns),
    [columns, isNarrow],
  );

  if (props.error && items.length === 0)
    return <Failure error={props.error} {...(props.onRetry && { onRetry: props.onRetry })} />;
  if (props.isPending === true) return <Loading />;
  if (items.length === 0) return props.empty;

  const tracks: React.CSSProperties = {
    gridTemplateColumns: shown.map((column) => column.width).join(' '),
    ...(props.minWidth !== undefined && { minWidth: props.minWidth }),
  };
  const look: Look<T> = { columns: shown, tracks, isPhone, card: props.card, opens: onOpen !== undefined, press };
  return (
    <div className={classes.frame}>
      {props.hasNewer === true && (
        <button type="button" className={classes.newer} onClick={props.onNewer}>
          {t.common.newer}
        </button>
      )}
      <div
        ref={scroller}
        className={classes.scroller}
        role="table"
        aria-label={props.label}
        aria-rowcount={hasMore ? -1 : items.length + 1}
        // A list that scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        <div className={classes.head} role="row" aria-rowindex={1} style={tracks} hidden={isPhone}>
          {shown.map((column) => (
            <Heading
              key={column.id}
              column={column}
              canSort={column.sortBy !== undefined || (props.ordered?.includes(column.id) ?? false)}
              sort={props.sort ?? null}
              onSort={props.onSort}
            />
          ))}
        </div>
        <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {drawn.map(({ index, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            const key = keyOf(item);
            return (
              <Row
                key={key}
                item={item}
                index={index}
                start={start}
                height={rowPx}
                look={look}
                isActive={index === active}
                isPicked={key === props.picked}
              />
            );
          })}
        </div>
      </div>
      <p className={classes.foot} role="status">
        {hasMore ? t.common.soFar(count(items.length)) : t.common.end(count(items.length))}
        {sortWords(columns, props.sort ?? null)}
      </p>
    </div>
  );

  function press(index: number, target: EventTarget): void {
    setActive(index);
    const item = items[index];
    if (item !== undefined && (target as HTMLElement).closest('a, button, input, label') === null) onOpen?.(item);
  }

  function walk(key: string): boolean {
    if (key === 'Escape' && props.onEscape !== undefined) {
      props.onEscape();
      return true;
    }
    const item = items[active];
    // Enter on a focused link or button is that one's own.
    if (key === 'Enter' && item !== undefined && onOpen !== undefined && !isControlFocused()) {
      onOpen(item);
      return true;
    }
    if (key !== 'j' && key !== 'k') return false;
    const next = Math.min(items.length - 1, Math.max(0, active + (key === 'j' ? 1 : -1)));
    setActive(next);
    rows.scrollToIndex(next, { align: 'auto' });
    return true;
  }
}

/** How all rows of a list are drawn. */
interface Look<T> {
  columns: readonly Column<T>[];
  tracks: React.CSSProperties;
  isPhone: boolean;
  card: (item: T) => React.ReactNode;
  opens: boolean;
  press: (index: number, target: EventTarget) => void;
}

interface RowProps<T> {
  item: T;
  index: number;
  /** px from the top of the list. */
  start: number;
  height: number;
  look: Look<T>;
  isActive: boolean;
  isPicked: boolean;
}

function Row<T>({ item, index, start, height, look, isActive, isPicked }: RowProps<T>): React.ReactNode {
  const { columns, tracks, isPhone, card, opens, press } = look;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={isPhone ? classes.card : classes.row}
      data-active={isActive || undefined}
      data-picked={isPicked || undefined}
      data-opens={opens || undefined}
      style={{ ...(isPhone ? {} : tracks), height, transform: `translateY(${start}px)` }}
      onClick={(event) => press(index, event.target)}
    >
      {isPhone ? <div role="cell">{card(item)}</div> : <Cells item={item} columns={columns} />}
    </div>
  );
}

/** Most of what scrolling draws was there the frame before. */
const Cells = memo(
  function Cells<T>({ item, columns }: { item: T; columns: readonly Column<T>[] }): React.ReactNode {
    return columns.map((column) => (
      <div key={column.id} role="cell" data-align={column.align}>
        {column.render(item)}
      </div>
    ));
  },
  (before, after) => before.item === after.item && before.columns === after.columns,
) as <T>(props: { item: T; columns: readonly Column<T>[] }) => React.ReactNode;

/** The head of a column; one that rows can be ordered by is a button. */
function Heading<T>(props: {
  column: Column<T>;
  canSort: boolean;
  sort: string | null;
  onSort: ((id: string) => void) | undefined;
}): React.ReactNode {
  const { column, canSort, sort, onSort } = props;
  const { id, title, align } = column;
  if (!canSort || onSort === undefined)
    return (
      <span role="columnheader" data-align={align}>
        {title}
      </span>
    );
  const order = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none';
  const Icon = order === 'ascending' ? IconChevronUp : order === 'descending' ? IconChevronDown : IconSelector;
  return (
    <span role="columnheader" data-align={align} aria-sort={order}>
      <button type="button" className={classes.sort} title={t.common.sortBy(title)} onClick={() => onSort(id)}>
        {title}
        <Icon size={13} aria-hidden data-order={order} />
      </button>
    </span>
  );
}

/** ` · sorted by Severity, descending`: on a phone there are no heads that show it. */
function sortWords<T>(columns: readonly Column<T>[], sort: string | null): string {
  const column = columns.find(({ id }) => id === sort?.replace(/^-/, ''));
  return column === undefined ? '' : ` · ${t.common.sortedBy(column.title, sort?.startsWith('-') === true)}`;
}

function isControlFocused(): boolean {
  return (document.activeElement?.closest('a, button') ?? null) !== null;
}
