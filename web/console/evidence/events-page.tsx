import { IconActivityHeartbeat } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { EventSummary } from '../../../src/console/api.ts';
import type { Cell } from '../../kit/csv.ts';
import { FilterText } from '../../kit/filter-bar.tsx';
import { chosen, clearing, useFilters } from '../../kit/filters.ts';
import { ListPage } from '../../kit/list-page.tsx';
import { Moment, useNow } from '../../kit/moment.tsx';
import { usePages } from '../../kit/pages.ts';
import { TwoLines } from '../../kit/two-lines.tsx';
import type { Column } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { EVENT_FILTERS, EventFilters } from './event-filters.tsx';
import { className, eventText } from './event-words.ts';
import { EvidenceDrawer } from './evidence-drawer.tsx';

const HOUR_MS = 3_600_000;
const SINCE_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 720 * HOUR_MS } as const;

/** Every event, by time, words, and who or what takes part. */
export function EventsPage(): React.ReactNode {
  const [address, setFilters] = useFilters<(typeof EVENT_FILTERS)[number] | 'event'>();
  const { event } = address;
  const filters = chosen(address, EVENT_FILTERS);
  const now = useNow();
  const params = { ...filters, since: sinceMs(filters.since, now) };
  const list = usePages<EventSummary>('events', '/events', params, keyOf);
  const [shownColumns] = useState(columns);
  const words = t.evidence.events;
  return (
    <ListPage
      title={words.title}
      lead={words.lead}
      list={list}
      filters={filters}
      onClear={() => setFilters(clearing(filters))}
      controls={
        <FilterText
          label={words.text}
          value={filters.text}
          onChange={(value) => setFilters({ text: value })}
          isPrimary
        />
      }
      moreControls={<EventFilters filters={filters} onChange={setFilters} />}
      columns={shownColumns}
      keyOf={keyOf}
      card={(one) => (
        <TwoLines mark={<strong>{className(one)}</strong>} title={eventText(one)} meta={<Moment ms={one.atMs} />} />
      )}
      picked={event ?? null}
      onOpen={({ index }) => setFilters({ event: String(index) })}
      onEscape={() => setFilters({ event: null })}
      empty={{
        icon: <IconActivityHeartbeat size={28} stroke={1.6} />,
        title: words.empty,
        advice: words.emptyAdvice,
      }}
      exported={{ name: 'events', path: '/events', params, row: exportRow }}
    >
      <EvidenceDrawer index={event ?? null} onClose={() => setFilters({ event: null })} />
    </ListPage>
  );
}

function keyOf({ index }: EventSummary): string {
  return String(index);
}

/** A named span, counted from the minute; or milliseconds, as deep links have them. */
function sinceMs(since: string | undefined, now: number): number | string | undefined {
  if (since === 'range') return undefined;
  if (since === undefined || !Object.hasOwn(SINCE_MS, since)) return since;
  const minute = Math.floor(now / 60_000) * 60_000;
  return minute - SINCE_MS[since as keyof typeof SINCE_MS];
}

function columns(): Column<EventSummary>[] {
  const names = t.evidence.events.columns;
  return [
    {
      id: 'at',
      title: names.at,
      width: '124px',
      render: ({ atMs }) => <Moment ms={atMs} />,
    },
    { id: 'class', title: names.class, width: '140px', isMinor: true, render: className },
    {
      id: 'text',
      title: names.text,
      width: 'minmax(220px, 3fr)',
      render: (event) => (
        <Link to="/events/$index" params={{ index: String(event.index) }}>
          {eventText(event)}
        </Link>
      ),
    },
    {
      id: 'user',
      title: names.user,
      width: 'minmax(90px, 1fr)',
      render: ({ user }) => user,
    },
    {
      id: 'device',
      title: names.device,
      width: 'minmax(90px, 1fr)',
      isMinor: true,
      render: ({ device }) => device,
    },
    {
      id: 'address',
      title: names.address,
      width: '112px',
      isMinor: true,
      render: ({ address }) => address,
    },
  ];
}

function exportRow(event: EventSummary): Record<string, Cell> {
  const { index, atMs, receivedMs, classUid, severity, text, user, device, address, patient, sourceId } = event;
  return {
    index,
    time: new Date(atMs).toISOString(),
    received: new Date(receivedMs).toISOString(),
    class_uid: classUid,
    class: event.className,
    severity,
    text,
    user,
    device,
    address,
    patient,
    source: sourceId,
  };
}
