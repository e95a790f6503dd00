import '@mantine/spotlight/styles.css';
import { Spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { IncidentSummary, Page } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { LevelMark } from '../../kit/level.tsx';
import { useSession } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import { placeGroups } from './places.ts';

/** Incidents that the palette names for what was typed. */
const INCIDENTS_MAX = 6;

/** Ctrl+K: pages, incidents, and searches, by what is typed. */
export function Palette(): React.ReactNode {
  const { rights } = useSession();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const incidents = useQuery({
    queryKey: ['palette', text],
    queryFn: ({ signal }) => get<Page<IncidentSummary>>('/incidents', { q: text, limit: INCIDENTS_MAX }, signal),
    enabled: text.length > 1,
  });
  const go = (to: string, search: Record<string, string> = {}): void => void navigate({ to, search });
  const places = placeGroups()
    .flatMap((group) => group.places.map((place) => ({ ...place, group: group.label })))
    .filter(({ needs }) => needs === undefined || rights.includes(needs))
    .filter(({ label, group }) => `${label} ${group ?? ''}`.toLowerCase().includes(text.toLowerCase()));
  const found = text.length > 1 ? (incidents.data?.items ?? []) : [];

  return (
    <Spotlight.Root
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      scrollable
      maxHeight={420}
      title={t.shell.palette}
    >
      <Spotlight.Search
        placeholder={t.shell.palette}
        aria-label={t.shell.palette}
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {found.length > 0 && (
          <Spotlight.ActionsGroup label={t.shell.paletteIncidents}>
            {found.map(({ id, number, title, severity }) => (
              <Spotlight.Action key={id} onClick={() => go(`/incidents/${encodeURIComponent(id)}`)}>
                <span style={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>
                  {number} {title}
                </span>
                <LevelMark level={severity} />
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        )}
        {places.length > 0 && (
          <Spotlight.ActionsGroup label={t.shell.palettePages}>
            {places.map(({ to, label, icon: Icon, group }) => (
              <Spotlight.Action
                key={to}
                label={label}
                {...(group !== null && { description: group })}
                leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
                onClick={() => go(to)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {text !== '' && (
          <Spotlight.ActionsGroup label={t.shell.paletteSearch}>
            <Spotlight.Action label={t.shell.searchEvents(text)} onClick={() => go('/events', { text })} />
            <Spotlight.Action label={t.shell.searchIncidents(text)} onClick={() => go('/incidents', { q: text })} />
          </Spotlight.ActionsGroup>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
