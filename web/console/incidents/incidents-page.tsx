import { Link, useNavigate } from '@tanstack/react-router';
import { IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { IncidentSummary } from '../../../src/console/api.ts';
import type { Cell } from '../../kit/csv.ts';
import { FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { chosen, clearing, useFilters } from '../../kit/filters.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { ListPage } from '../../kit/list-page.tsx';
import { Moment } from '../../kit/moment.tsx';
import { usePages } from '../../kit/pages.ts';
import { useSession } from '../../kit/session.ts';
import { useOrder } from '../../kit/sorted.ts';
import type { Column } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { ChainDots } from './chain.tsx';
import { IncidentRow } from './incident-row.tsx';
import classes from './incidents.module.css';

const FILTERS = ['state', 'severity', 'assignee', 'q'] as const;
/** What the server orders incidents by; the columns have the same names. */
const ORDERS = ['severity', 'state', 'last'] as const;
const STATES = ['new', 'open', 'contained', 'closed'] as const;

export function IncidentsPage(): React.ReactNode {
  const [address, setFilters] = useFilters<(typeof FILTERS)[number]>();
  const filters = chosen(address, FILTERS);
  const { user } = useSession();
  const navigate = useNavigate();
  const order = useOrder(ORDERS);
  const params = { ...filters, sort: order.sort };
  const list = usePages<IncidentSummary>('incidents', '/incidents', params, keyOf);
  const [shownColumns] = useState(columns);
  const words = t.incidents;
  const pick = (
    name: 'state' | 'severity' | 'assignee',
    label: string,
    options: readonly (readonly [string, string])[],
  ): React.ReactNode => (
    <FilterSelect
      label={label}
      value={filters[name]}
      onChange={(value) => setFilters({ [name]: value })}
      options={options}
    />
  );
  return (
    <ListPage
      title={words.title}
      list={list}
      filters={filters}
      onClear={() => setFilters(clearing(filters))}
      controls={
        <>
          <FilterText label={words.filterText} value={filters.q} onChange={(q) => setFilters({ q })} isPrimary />
          {pick('state', words.filterState, [
            ['unclosed', words.filterActive],
            ...STATES.map((state) => [state, words.states[state]] as const),
          ])}
          {pick(
            'severity',
            words.filterSeverity,
            LEVELS.map((level) => [level, t.common.levels[level]]),
          )}
          {pick('assignee', words.filterAssignee, [[user.name, words.mine]])}
        </>
      }
      columns={shownColumns}
      keyOf={keyOf}
      order={{ ids: ORDERS, ...order }}
      card={(incident) => <IncidentRow incident={incident} />}
      onOpen={({ id }) => void navigate({ to: '/incidents/$id', params: { id } })}
      empty={{ icon: <IconShieldCheck size={28} stroke={1.6} />, title: words.empty, advice: words.emptyAdvice }}
      exported={{ name: 'incidents', path: '/incidents', params, row: exportRow }}
    />
  );
}

function keyOf({ id }: IncidentSummary): string {
  return id;
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
      width: 'minmax(260px, 4fr)',
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
      width: 'minmax(90px, 1fr)',
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
      width: '84px',
      isMinor: true,
      render: ({ tactics }) => <ChainDots tactics={tactics} />,
    },
    {
      id: 'state',
      title: names.state,
      width: '84px',
      render: ({ state }) => states[state],
    },
    {
      id: 'assignee',
      title: names.assignee,
      width: '84px',
      isMinor: true,
      render: ({ assignee }) => assignee ?? <span className={classes.dim}>{nobody}</span>,
    },
    {
      id: 'last',
      title: names.last,
      width: '112px',
      render: ({ lastMs }) => <Moment ms={lastMs} form="ago" />,
    },
  ];
}

function exportRow(incident: IncidentSummary): Record<string, Cell> {
  const { number, title, severity, state, verdict, assignee, firstMs, lastMs, findings, tactics, entities } = incident;
  return {
    number,
    title,
    severity,
    state,
    verdict,
    assignee,
    first: new Date(firstMs).toISOString(),
    last: new Date(lastMs).toISOString(),
    findings,
    tactics: tactics.join(' '),
    entities: entities.map(({ kind, name }) => `${kind}:${name}`).join(' '),
  };
}
