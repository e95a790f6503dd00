import { Link } from '@tanstack/react-router';
import { IconTargetArrow } from '@tabler/icons-react';
import { useState } from 'react';
import type { FindingSummary } from '../../../src/console/api.ts';
import type { Cell } from '../../kit/csv.ts';
import { FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { chosen, clearing, useFilters } from '../../kit/filters.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { ListPage } from '../../kit/list-page.tsx';
import { Moment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { usePages } from '../../kit/pages.ts';
import { useOrder } from '../../kit/sorted.ts';
import { TwoLines } from '../../kit/two-lines.tsx';
import type { Column } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { EvidenceDrawer } from '../evidence/evidence-drawer.tsx';
import classes from './findings.module.css';

const FILTERS = ['rule', 'level', 'incident'] as const;
/** What the server orders findings by; the columns have the same names. */
const ORDERS = ['at', 'level'] as const;

export function FindingsPage(): React.ReactNode {
  const [address, setFilters] = useFilters<(typeof FILTERS)[number] | 'event'>();
  const { event } = address;
  const filters = chosen(address, FILTERS);
  const order = useOrder(ORDERS);
  const params = { ...filters, sort: order.sort };
  const list = usePages<FindingSummary>('findings', '/findings', params, keyOf);
  const [shownColumns] = useState(columns);
  const words = t.detection.findings;
  return (
    <ListPage
      title={words.title}
      lead={words.lead}
      list={list}
      filters={filters}
      onClear={() => setFilters(clearing(filters))}
      controls={
        <>
          <FilterText label={words.rule} value={filters.rule} onChange={(rule) => setFilters({ rule })} isPrimary />
          <FilterSelect
            label={words.level}
            value={filters.level}
            onChange={(level) => setFilters({ level })}
            options={LEVELS.map((level) => [level, t.common.levels[level]])}
          />
        </>
      }
      columns={shownColumns}
      keyOf={keyOf}
      order={{ ids: ORDERS, ...order }}
      card={(finding) => (
        <TwoLines
          mark={<LevelMark level={finding.rule.level} />}
          title={finding.rule.title}
          meta={<Moment ms={finding.atMs} form="ago" />}
          note={matchOf(finding)}
        />
      )}
      picked={event ?? null}
      onOpen={(finding) => setFilters({ event: String(finding.events[0] ?? finding.index) })}
      onEscape={() => setFilters({ event: null })}
      empty={{ icon: <IconTargetArrow size={28} stroke={1.6} />, title: words.empty, advice: words.emptyAdvice }}
      exported={{ name: 'findings', path: '/findings', params, row: exportRow }}
    >
      <EvidenceDrawer index={event ?? null} onClose={() => setFilters({ event: null })} />
    </ListPage>
  );
}

function keyOf({ index }: FindingSummary): string {
  return String(index);
}

/** `Image: C:\\…\\wbadmin.exe · User: SYSTEM` */
function matchOf({ match }: FindingSummary): string {
  return Object.entries(match)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');
}

function columns(): Column<FindingSummary>[] {
  const { columns: names } = t.detection.findings;
  return [
    {
      id: 'at',
      title: names.at,
      width: '124px',
      render: ({ atMs }) => <Moment ms={atMs} />,
    },
    {
      id: 'level',
      title: names.level,
      width: '92px',
      render: ({ rule }) => <LevelMark level={rule.level} />,
    },
    {
      id: 'rule',
      title: names.rule,
      width: 'minmax(220px, 2fr)',
      render: ({ rule }) => (
        <Link to="/rules/$id" params={{ id: rule.id }}>
          {rule.title}
        </Link>
      ),
    },
    { id: 'match', title: names.match, width: 'minmax(140px, 2fr)', isMinor: true, render: matchOf },
    {
      id: 'events',
      title: names.events,
      width: '76px',
      align: 'right',
      render: ({ eventsTotal }) => count(eventsTotal),
    },
    { id: 'incident', title: names.incident, width: '112px', render: (finding) => <IncidentOf finding={finding} /> },
  ];
}

function IncidentOf({ finding }: { finding: FindingSummary }): React.ReactNode {
  const { open, hidden } = t.detection.findings;
  const { incident, suppressedBy } = finding;
  if (incident === null) return suppressedBy === null ? '' : hidden;
  return (
    <Link to="/incidents/$id" params={{ id: incident }} className={classes.incident}>
      {open}
    </Link>
  );
}

function exportRow(finding: FindingSummary): Record<string, Cell> {
  const { index, uid, atMs, rule, incident, eventsTotal } = finding;
  return {
    index,
    uid,
    time: new Date(atMs).toISOString(),
    level: rule.level,
    rule: rule.title,
    rule_id: rule.id,
    match: matchOf(finding),
    events: eventsTotal,
    incident,
  };
}
