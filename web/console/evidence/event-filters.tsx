import { FilterSelect, FilterText } from '../../kit/filter-bar.tsx';
import { FilterTime } from '../../kit/filter-time.tsx';
import type { Filters } from '../../kit/filters.ts';
import { useRight } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import { useSources } from '../sources/use-sources.ts';

/** What events are looked for by; each stands in the address. */
export const EVENT_FILTERS = [
  'text',
  'since',
  'until',
  'source',
  'class',
  'severity',
  'outcome',
  'user',
  'device',
  'ip',
  'patient',
  'incident',
] as const;

type EventFilter = (typeof EVENT_FILTERS)[number];

export interface EventFiltersProps {
  filters: Filters<EventFilter>;
  onChange: (change: Partial<Record<EventFilter, string | null>>) => void;
}

/** Time, source, kind, severity and outcome; who and where. */
export function EventFilters({ filters, onChange }: EventFiltersProps): React.ReactNode {
  const words = t.evidence.events;
  const seesPatients = useRight('see-patients');
  const sources = useSources();
  const text = (name: 'user' | 'device' | 'ip' | 'patient'): React.ReactNode => (
    <FilterText label={words[name]} value={filters[name]} onChange={(value) => onChange({ [name]: value })} />
  );
  const pick = (
    name: 'source' | 'class' | 'severity' | 'outcome' | 'incident',
    options: readonly (readonly [string, string])[],
  ): React.ReactNode => (
    <FilterSelect
      label={words[name]}
      value={filters[name]}
      onChange={(value) => onChange({ [name]: value })}
      options={options}
    />
  );
  return (
    <>
      <TimeFilters filters={filters} onChange={onChange} />
      {pick(
        'source',
        (sources.data ?? []).map(({ id, name }) => [id, name]),
      )}
      {pick('class', Object.entries(t.evidence.classes))}
      {pick('severity', Object.entries(t.evidence.severities))}
      {pick('outcome', Object.entries(t.evidence.outcomes))}
      {text('user')}
      {text('device')}
      {text('ip')}
      {seesPatients && text('patient')}
      {filters.incident !== undefined && pick('incident', [[filters.incident, words.ofIncident]])}
    </>
  );
}

/** A named span back from now; or two moments, as links from elsewhere have them. */
function TimeFilters({ filters, onChange }: EventFiltersProps): React.ReactNode {
  const words = t.evidence.events;
  const { since, until } = filters;
  const isNamed = since !== undefined && Object.hasOwn(words.sinceOptions, since) && since !== 'range';
  const isRange = !isNamed && (since !== undefined || until !== undefined);
  return (
    <>
      <FilterSelect
        label={words.since}
        value={isRange ? 'range' : since}
        onChange={(value) => onChange({ since: value, until: null })}
        options={Object.entries(words.sinceOptions)}
      />
      {isRange && (
        <>
          <FilterTime label={words.from} value={since} onChange={(value) => onChange({ since: value ?? 'range' })} />
          <FilterTime label={words.until} value={until} onChange={(value) => onChange({ until: value })} />
        </>
      )}
    </>
  );
}
