import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { SourceStatus } from '../../../src/console/api.ts';
import { useFilters } from '../../kit/filters.ts';
import { Moment } from '../../kit/moment.tsx';
import { count, rate, share } from '../../kit/numbers.ts';
import { Page } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { useSorted } from '../../kit/sorted.ts';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { AddDialog } from './add-dialog.tsx';
import { HealthMark } from './health-mark.tsx';
import { useSources } from './use-sources.ts';

const NONE: readonly SourceStatus[] = [];

export function SourcesPage(): React.ReactNode {
  const [{ add }, setFilters] = useFilters<'add'>();
  const navigate = useNavigate();
  const mayAdd = useRight('administer');
  const [shownColumns] = useState(columns);
  const query = useSources();
  const shown = useSorted(query.data ?? NONE, shownColumns);
  const words = t.sources;
  const button = mayAdd && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setFilters({ add: '1' })}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} shape="list" actions={query.data?.length !== 0 && button}>
      <VirtualList
        label={words.title}
        columns={shownColumns}
        {...shown}
        isPending={query.isPending}
        error={query.error}
        onRetry={() => void query.refetch()}
        keyOf={({ id }) => id}
        card={(source) => (
          <TwoLines
            mark={<HealthMark health={source.health} />}
            title={source.name}
            note={
              <>
                {words.kinds[source.kind] ?? source.kind} ·{' '}
                {source.lastEventMs === null ? words.never : <Moment ms={source.lastEventMs} form="ago" />}
              </>
            }
            meta={words.perSecond(rate(source.rate))}
          />
        )}
        onOpen={({ id }) => void navigate({ to: '/sources/$id', params: { id } })}
        empty={
          <Empty icon={<IconPlugConnected size={28} stroke={1.6} />} title={words.empty} advice={words.emptyAdvice}>
            {button}
          </Empty>
        }
      />
      <AddDialog opened={add === '1'} onShut={() => setFilters({ add: null })} />
    </Page>
  );
}

function columns(): Column<SourceStatus>[] {
  const { columns: names, kinds, never } = t.sources;
  return [
    {
      id: 'health',
      title: names.health,
      width: '112px',
      sortBy: ({ health }) => health,
      render: ({ health }) => <HealthMark health={health} />,
    },
    {
      id: 'name',
      title: names.name,
      width: 'minmax(160px, 2fr)',
      sortBy: ({ name }) => name,
      render: ({ id, name }) => (
        <Link to="/sources/$id" params={{ id }}>
          {name}
        </Link>
      ),
    },
    {
      id: 'kind',
      title: names.kind,
      width: 'minmax(120px, 1fr)',
      isMinor: true,
      render: ({ kind }) => kinds[kind] ?? kind,
    },
    {
      id: 'rate',
      title: names.rate,
      width: '130px',
      align: 'right',
      sortBy: (source) => source.rate,
      render: (source) => rate(source.rate),
    },
    {
      id: 'last',
      title: names.last,
      width: '124px',
      sortBy: ({ lastEventMs }) => lastEventMs,
      render: ({ lastEventMs }) => (lastEventMs === null ? never : <Moment ms={lastEventMs} form="ago" />),
    },
    {
      id: 'parse',
      title: names.parse,
      width: '96px',
      align: 'right',
      isMinor: true,
      render: ({ parseShare }) => (parseShare === null ? '–' : share(parseShare)),
    },
    {
      id: 'gaps',
      title: names.gaps,
      width: '80px',
      align: 'right',
      isMinor: true,
      render: ({ gaps, lost }) => count(gaps + lost),
    },
  ];
}
