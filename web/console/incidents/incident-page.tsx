import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Incident } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { useFilters } from '../../kit/filters.ts';
import { useKeys } from '../../kit/keyboard.ts';
import { LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { EvidenceDrawer } from '../evidence/evidence-drawer.tsx';
import { Chain } from './chain.tsx';
import { EntityList } from './entity-list.tsx';
import classes from './incident.module.css';
import { IncidentActions } from './incident-actions.tsx';
import { Notes } from './notes.tsx';
import { Story } from './story.tsx';
import { Timeline } from './timeline.tsx';

export function IncidentPage(): React.ReactNode {
  const { id = '' } = useParams({ strict: false });
  const incident = useQuery({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => get<Incident>(`/incidents/${encodeURIComponent(id)}`, undefined, signal),
  });
  return <Loaded query={incident}>{(data) => <IncidentView incident={data} />}</Loaded>;
}

/** What happened, what to do, and the facts with their evidence. */
function IncidentView({ incident }: { incident: Incident }): React.ReactNode {
  const [{ event }, setFilters] = useFilters<'event'>();
  const navigate = useNavigate();
  const mayRespond = useRight('respond');
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  useKeys(({ key }) => {
    if (key !== 'Escape' || event !== undefined) return false;
    void navigate({ to: '/incidents' });
    return true;
  });
  return (
    <Page
      title={incident.title}
      lead={
        <span className={classes.lead}>
          <Link to="/incidents">{t.incidents.title}</Link>
          <span>{incident.number}</span>
          <LevelMark level={incident.severity} soft />
          <span>{t.incidents.states[incident.state]}</span>
          {incident.verdict !== null && <span>{t.incidents.verdicts[incident.verdict]}</span>}
          <Moment ms={incident.lastMs} form="ago" />
        </span>
      }
      actions={
        mayRespond && <IncidentActions incident={incident} picked={picked} onSplit={() => setPicked(new Set())} />
      }
    >
      {incident.tactics.length > 0 && (
        <div className={classes.chain}>
          <Chain tactics={incident.tactics} />
        </div>
      )}
      <div className={classes.grid}>
        <div className={classes.column}>
          <Story incident={incident} />
          <Panel
            title={t.incidents.timeline}
            aside={
              <Text c="dimmed" component="span">
                {t.incidents.findings(count(incident.timeline.length))} ·{' '}
                <Link to="/events" search={{ incident: incident.id }}>
                  {t.incidents.itsEvents}
                </Link>
              </Text>
            }
          >
            <Timeline
              items={incident.timeline}
              {...(mayRespond && { picked, onPick: setPicked })}
              onEvidence={(index) => setFilters({ event: String(index) })}
            />
          </Panel>
        </div>
        <div className={classes.column}>
          <Panel title={t.incidents.entities}>
            <EntityList incident={incident} />
          </Panel>
          <Panel>
            <Facts facts={factsOf(incident)} />
            <p className={classes.why}>{incident.severityWhy}</p>
          </Panel>
          <Notes incident={incident} canWrite={mayRespond} />
        </div>
      </div>
      <EvidenceDrawer index={event ?? null} onClose={() => setFilters({ event: null })} />
    </Page>
  );
}

function factsOf(incident: Incident): [string, React.ReactNode][] {
  const { confidence, firstMs, lastMs, assignee, verdict, mergedFrom } = incident;
  return [
    [t.incidents.first, <Moment key="first" ms={firstMs} />],
    [t.incidents.last, <Moment key="last" ms={lastMs} />],
    [t.incidents.assignee, assignee ?? t.incidents.nobody],
    [t.incidents.verdict, verdict === null ? t.incidents.noVerdict : t.incidents.verdicts[verdict]],
    [t.incidents.confidence, t.incidents.confidences[confidence.level]],
    ...(mergedFrom.length > 0 ? [[t.incidents.mergedFrom(''), mergedFrom.join(', ')] as [string, string]] : []),
  ];
}
