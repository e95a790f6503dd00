import { IconActivityHeartbeat } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { EventSummary } from '../../../src/console/api.ts';
import { FilterBar, FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { clearing, useFilters } from '../../kit/filters.ts';
import { Moment, useNow } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { useRight } from '../../kit/session.ts';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { EvidenceDrawer } from './evidence-drawer.tsx';

type Filter = 'text' | 'user' | 'device' | 'ip' | 'patient' | 'class' | 'since' | 'until' | 'event';

const HOUR_MS = 3_600_000;
const SINCE_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 720 * HOUR_MS } as const;

/** Every event, by time, words, and who or what takes part. */
export function EventsPage(): React.ReactNode {
  const [{ event, ...filters }, setFilters] = useFilters<Filter>();
  const seesPatients = useRight('see-patients');
  const now = useNow();
  const { since } = filters;
  const list = usePages<EventSummary>('events', '/events', { ...filters, since: sinceMs(since, now) });
  const words = t.evidence.events;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const text = (name: 'user' | 'device' | 'ip' | 'patient' | 'class'): React.ReactNode => (
    <FilterText label={words[name]} value={filters[name]} onChange={(value) => setFilters({ [name]: value })} />
  );
  return (
    <Page title={words.title} shape="list">
      <FilterBar isFiltered={isFiltered} onClear={() => setFilters(clearing(filters))}>
        <FilterText
          label={words.text}
          value={filters.text}
          onChange={(value) => setFilters({ text: value })}
          isPrimary
        />
        <FilterSelect
          label={words.since}
          value={since}
          onChange={(value) => setFilters({ since: value })}
          options={Object.entries(words.sinceOptions)}
        />
        {text('user')}
        {text('device')}
        {text('ip')}
        {seesPatients && text('patient')}
      </FilterBar>
      <VirtualList
        label={words.title}
        columns={columns()}
        {...list}
        keyOf={({ index }) => String(index)}
        card={({ text: what, atMs, className }) => (
          <TwoLines mark={<strong>{className}</strong>} title={what} meta={<Moment ms={atMs} />} />
        )}
        picked={event ?? null}
        onOpen={({ index }) => setFilters({ event: String(index) })}
        onEscape={() => setFilters({ event: null })}
        onRetry={list.reset}
        onMore={list.more}
        onNewer={list.reset}
        empty={
          <Empty
            icon={<IconActivityHeartbeat size={28} stroke={1.6} />}
            title={isFiltered ? t.common.empty.filtered : words.empty}
            advice={isFiltered ? t.common.empty.filteredAdvice : words.emptyAdvice}
          />
        }
      />
      <EvidenceDrawer index={event ?? null} onClose={() => setFilters({ event: null })} />
    </Page>
  );
}

/** A named span, counted from the minute; or milliseconds, as deep links have them. */
function sinceMs(since: string | undefined, now: number): number | string | undefined {
  if (since === undefined || !Object.hasOwn(SINCE_MS, since)) return since;
  const minute = Math.floor(now / 60_000) * 60_000;
  return minute - SINCE_MS[since as keyof typeof SINCE_MS];
}

function columns(): Column<EventSummary>[] {
  const names = t.evidence.events.columns;
  return [
    { id: 'at', title: names.at, width: '124px', render: ({ atMs }) => <Moment ms={atMs} /> },
    { id: 'class', title: names.class, width: '140px', isMinor: true, render: ({ className }) => className },
    {
      id: 'text',
      title: names.text,
      width: 'minmax(220px, 3fr)',
      render: ({ index, text }) => (
        <Link to="/events/$index" params={{ index: String(index) }}>
          {text}
        </Link>
      ),
    },
    { id: 'user', title: names.user, width: 'minmax(90px, 1fr)', render: ({ user }) => user },
    { id: 'device', title: names.device, width: 'minmax(90px, 1fr)', isMinor: true, render: ({ device }) => device },
    { id: 'address', title: names.address, width: '112px', isMinor: true, render: ({ address }) => address },
  ];
}
