import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { IconAlertTriangle, IconFileSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { RuleSummary } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { FilterBar, FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { type Filters, chosen, clearing, useFilters } from '../../kit/filters.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { count } from '../../kit/numbers.ts';
import { Page } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { useSorted } from '../../kit/sorted.ts';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { ImportDialog } from './import-dialog.tsx';
import { useRuleChange } from './use-rule-change.ts';

const FILTERS = ['q', 'level', 'state', 'origin'] as const;
type Filter = (typeof FILTERS)[number];
const STATES = ['on', 'off', 'broken'] as const;

export function RulesPage(): React.ReactNode {
  const [address, setFilters] = useFilters<Filter>();
  const filters = chosen(address, FILTERS);
  const [isImporting, setImporting] = useState(false);
  const mayRespond = useRight('respond');
  const navigate = useNavigate();
  const rules = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => get<RuleSummary[]>('/rules', undefined, signal),
  });
  const shownColumns = useMemo(() => columns(mayRespond), [mayRespond]);
  const shown = useSorted(
    (rules.data ?? []).filter((rule) => fits(rule, filters)),
    shownColumns,
  );
  const words = t.detection.rules;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page
      title={words.title}
      shape="list"
      actions={mayRespond && <Button onClick={() => setImporting(true)}>{words.import}</Button>}
    >
      <FilterBar isFiltered={isFiltered} onClear={() => setFilters(clearing(filters))}>
        <FilterText label={words.search} value={filters.q} onChange={(q) => setFilters({ q })} isPrimary />
        <FilterSelect
          label={words.level}
          value={filters.level}
          onChange={(level) => setFilters({ level })}
          options={LEVELS.map((level) => [level, t.common.levels[level]])}
        />
        <FilterSelect
          label={words.state}
          value={filters.state}
          onChange={(state) => setFilters({ state })}
          options={STATES.map((state) => [state, words[state]])}
        />
        <FilterSelect
          label={words.origin}
          value={filters.origin}
          onChange={(origin) => setFilters({ origin })}
          options={Object.entries(words.origins)}
        />
      </FilterBar>
      <VirtualList
        label={words.title}
        columns={shownColumns}
        {...shown}
        isPending={rules.isPending}
        error={rules.error}
        onRetry={() => void rules.refetch()}
        keyOf={({ id }) => id}
        card={(rule) => (
          <TwoLines
            mark={<LevelMark level={rule.level} />}
            title={rule.title}
            meta={rule.isEnabled ? count(rule.findings) : words.off}
          />
        )}
        onOpen={({ id }) => void navigate({ to: '/rules/$id', params: { id } })}
        empty={
          <Empty
            icon={<IconFileSearch size={28} stroke={1.6} />}
            title={isFiltered ? t.common.empty.filtered : words.empty}
            advice={isFiltered ? t.common.empty.filteredAdvice : words.emptyAdvice}
          />
        }
      />
      <ImportDialog opened={isImporting} onShut={() => setImporting(false)} />
    </Page>
  );
}

function fits(rule: RuleSummary, filters: Filters<Filter>): boolean {
  const { q, level, state, origin } = filters;
  if (level !== undefined && rule.level !== level) return false;
  if (origin !== undefined && rule.origin !== origin) return false;
  if (state === 'broken' && rule.problem === null) return false;
  if (state === 'on' && !rule.isEnabled) return false;
  if (state === 'off' && rule.isEnabled) return false;
  if (q === undefined) return true;
  const text = `${rule.title} ${rule.techniques.join(' ')} ${rule.logsource} ${rule.id}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function columns(mayRespond: boolean): Column<RuleSummary>[] {
  const { columns: names, broken } = t.detection.rules;
  return [
    {
      id: 'on',
      title: names.on,
      width: '52px',
      render: (rule) => <RuleSwitch rule={rule} mayRespond={mayRespond} />,
    },
    {
      id: 'level',
      title: names.level,
      width: '96px',
      sortBy: ({ level }) => LEVELS.indexOf(level),
      render: ({ level }) => <LevelMark level={level} />,
    },
    {
      id: 'title',
      title: names.title,
      width: 'minmax(220px, 3fr)',
      sortBy: ({ title }) => title,
      render: ({ id, title, problem }) => (
        <>
          {problem !== null && (
            <IconAlertTriangle size={15} aria-label={broken} style={{ verticalAlign: '-2px', marginRight: 6 }} />
          )}
          <Link to="/rules/$id" params={{ id }}>
            {title}
          </Link>
        </>
      ),
    },
    {
      id: 'logsource',
      title: names.logsource,
      width: 'minmax(120px, 1.4fr)',
      isMinor: true,
      render: ({ logsource }) => logsource,
    },
    {
      id: 'techniques',
      title: names.techniques,
      width: '128px',
      isMinor: true,
      render: ({ techniques }) => techniques.join(', '),
    },
    {
      id: 'findings',
      title: names.findings,
      width: '76px',
      align: 'right',
      sortBy: ({ findings }) => findings,
      render: ({ findings }) => count(findings),
    },
  ];
}

function RuleSwitch({ rule, mayRespond }: { rule: RuleSummary; mayRespond: boolean }): React.ReactNode {
  const change = useRuleChange(rule.id);
  return (
    <Switch
      size="xs"
      aria-label={`${t.detection.rules.enable}: ${rule.title}`}
      checked={change.isPending ? change.variables.isEnabled === true : rule.isEnabled}
      disabled={!mayRespond || change.isPending}
      onChange={(event) => change.mutate({ isEnabled: event.currentTarget.checked })}
    />
  );
}
