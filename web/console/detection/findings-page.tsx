import { Link } from '@tanstack/react-router';
import { IconTargetArrow } from '@tabler/icons-react';
import type { FindingSummary } from '../../../src/console/api.ts';
import { FilterBar, FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { clearing, useFilters } from '../../kit/filters.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { EvidenceDrawer } from '../evidence/evidence-drawer.tsx';

type Filter = 'rule' | 'level' | 'incident' | 'event';

export function FindingsPage(): React.ReactNode {
  const [{ event, ...filters }, setFilters] = useFilters<Filter>();
  const list = usePages<FindingSummary>('findings', '/findings', filters);
  const words = t.detection.findings;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page title={words.title} lead={words.lead} shape="list">
      <FilterBar isFiltered={isFiltered} onClear={() => setFilters(clearing(filters))}>
        <FilterText label={words.rule} value={filters.rule} onChange={(rule) => setFilters({ rule })} isPrimary />
        <FilterSelect
          label={words.level}
          value={filters.level}
          onChange={(level) => setFilters({ level })}
          options={LEVELS.map((level) => [level, t.common.levels[level]])}
        />
      </FilterBar>
      <VirtualList
        label={words.title}
        columns={columns()}
        {...list}
        keyOf={({ index }) => String(index)}
        card={(finding) => (
          <TwoLines
            mark={<LevelMark level={finding.rule.level} />}
            title={finding.rule.title}
            meta={<Moment ms={finding.atMs} form="ago" />}
          />
        )}
        picked={event ?? null}
        onOpen={(finding) => setFilters({ event: String(finding.events[0] ?? finding.index) })}
        onEscape={() => setFilters({ event: null })}
        onRetry={list.reset}
        onMore={list.more}
        onNewer={list.reset}
        empty={
          <Empty
            icon={<IconTargetArrow size={28} stroke={1.6} />}
            title={isFiltered ? t.common.empty.filtered : words.empty}
            advice={isFiltered ? t.common.empty.filteredAdvice : words.emptyAdvice}
          />
        }
      />
      <EvidenceDrawer index={event ?? null} onClose={() => setFilters({ event: null })} />
    </Page>
  );
}

function columns(): Column<FindingSummary>[] {
  const { columns: names, hidden, open } = t.detection.findings;
  return [
    { id: 'at', title: names.at, width: '124px', render: ({ atMs }) => <Moment ms={atMs} /> },
    { id: 'level', title: names.level, width: '92px', render: ({ rule }) => <LevelMark level={rule.level} /> },
    {
      id: 'rule',
      title: names.rule,
      width: 'minmax(200px, 2fr)',
      render: ({ rule }) => (
        <Link to="/rules/$id" params={{ id: rule.id }}>
          {rule.title}
        </Link>
      ),
    },
    {
      id: 'match',
      title: names.match,
      width: 'minmax(140px, 2fr)',
      isMinor: true,
      render: ({ match }) => Object.values(match).join(' · '),
    },
    {
      id: 'events',
      title: names.events,
      width: '64px',
      align: 'right',
      render: ({ eventsTotal }) => count(eventsTotal),
    },
    {
      id: 'incident',
      title: names.incident,
      width: '92px',
      render: ({ incident, suppressedBy }) =>
        incident === null ? (
          suppressedBy === null ? (
            ''
          ) : (
            hidden
          )
        ) : (
          <Link to="/incidents/$id" params={{ id: incident }}>
            {open}
          </Link>
        ),
    },
  ];
}
