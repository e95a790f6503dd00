import { Link, useNavigate } from '@tanstack/react-router';
import { IconShieldCheck } from '@tabler/icons-react';
import type { IncidentSummary } from '../../../src/console/api.ts';
import { FilterBar, FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { clearing, useFilters } from '../../kit/filters.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { useSession } from '../../kit/session.ts';
import { Empty } from '../../kit/states.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { ChainDots } from './chain.tsx';
import { IncidentRow } from './incident-row.tsx';
import classes from './incidents.module.css';

type Filter = 'state' | 'severity' | 'assignee' | 'q';
const STATES = ['new', 'open', 'contained', 'closed'] as const;

export function IncidentsPage(): React.ReactNode {
  const [filters, setFilters] = useFilters<Filter>();
  const { user } = useSession();
  const navigate = useNavigate();
  const list = usePages<IncidentSummary>('incidents', '/incidents', filters);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page title={t.incidents.title} shape="list">
      <FilterBar isFiltered={isFiltered} onClear={() => setFilters(clearing(filters))}>
        <FilterText label={t.incidents.filterText} value={filters.q} onChange={(q) => setFilters({ q })} isPrimary />
        <FilterSelect
          label={t.incidents.filterState}
          value={filters.state}
          onChange={(state) => setFilters({ state })}
          options={[
            ['unclosed', t.incidents.filterActive],
            ...STATES.map((state) => [state, t.incidents.states[state]] as const),
          ]}
        />
        <FilterSelect
          label={t.incidents.filterSeverity}
          value={filters.severity}
          onChange={(severity) => setFilters({ severity })}
          options={LEVELS.map((level) => [level, t.common.levels[level]])}
        />
        <FilterSelect
          label={t.incidents.filterAssignee}
          value={filters.assignee}
          onChange={(assignee) => setFilters({ assignee })}
          options={[[user.name, t.incidents.mine]]}
        />
      </FilterBar>
      <VirtualList
        label={t.incidents.title}
        columns={columns()}
        {...list}
        keyOf={({ id }) => id}
        card={(incident) => <IncidentRow incident={incident} />}
        onOpen={({ id }) => void navigate({ to: '/incidents/$id', params: { id } })}
        onRetry={list.reset}
        onMore={list.more}
        onNewer={list.reset}
        empty={
          <Empty
            icon={<IconShieldCheck size={28} stroke={1.6} />}
            title={isFiltered ? t.common.empty.filtered : t.incidents.empty}
            advice={isFiltered ? t.common.empty.filteredAdvice : t.incidents.emptyAdvice}
          />
        }
      />
    </Page>
  );
}

function columns(): Column<IncidentSummary>[] {
  const { columns: names, states, nobody } = t.incidents;
  return [
    {
      id: 'severity',
      title: names.severity,
      width: '96px',
      render: ({ severity }) => <LevelMark level={severity} />,
    },
    {
      id: 'title',
      title: names.title,
      width: 'minmax(200px, 3fr)',
      render: ({ id, number, title }) => (
        <>
          <span className={classes.number}>{number}</span>
          <Link to="/incidents/$id" params={{ id }} className={classes.title}>
            {title}
          </Link>
        </>
      ),
    },
    {
      id: 'who',
      title: names.who,
      width: 'minmax(100px, 1.3fr)',
      isMinor: true,
      render: ({ entities }) =>
        entities
          .slice(0, 3)
          .map(({ name }) => name)
          .join(', '),
    },
    {
      id: 'chain',
      title: names.chain,
      width: '92px',
      isMinor: true,
      render: ({ tactics }) => <ChainDots tactics={tactics} />,
    },
    { id: 'state', title: names.state, width: '80px', render: ({ state }) => states[state] },
    {
      id: 'assignee',
      title: names.assignee,
      width: '96px',
      isMinor: true,
      render: ({ assignee }) => assignee ?? <span className={classes.dim}>{nobody}</span>,
    },
    { id: 'last', title: names.last, width: '112px', render: ({ lastMs }) => <Moment ms={lastMs} form="ago" /> },
  ];
}
