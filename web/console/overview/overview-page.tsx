import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconPlugConnected, IconShieldCheck } from '@tabler/icons-react';
import type { Overview } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { Page, Panel } from '../../kit/page.tsx';
import { Empty, Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { IncidentRow } from '../incidents/incident-row.tsx';
import { ActivityBars } from './activity-bars.tsx';
import { HealthPanels } from './health-panels.tsx';
import classes from './overview.module.css';
import { TaskList } from './task-list.tsx';
import { VerdictBanner } from './verdict-banner.tsx';
import { ButtonLink } from '../../kit/button-link.tsx';

/** Is my hospital safe now, and what do I do first. */
export function OverviewPage(): React.ReactNode {
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<Overview>('/overview', undefined, signal),
    refetchInterval: 60_000,
  });
  return (
    <Page title={t.overview.title}>
      <Loaded query={overview}>
        {(data) => (
          <div className={classes.grid}>
            <VerdictBanner verdict={data.verdict} sentence={data.sentence} troubles={data.troubles} />
            <Panel title={t.overview.tasks} className={classes.tasks ?? ''}>
              <TaskList tasks={data.tasks} />
            </Panel>
            <HealthPanels overview={data} />
            <OpenIncidents incidents={data.incidents} />
            <Panel title={t.overview.activity} className={classes.activity ?? ''}>
              <Activity data={data} />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function OpenIncidents({ incidents }: { incidents: Overview['incidents'] }): React.ReactNode {
  return (
    <Panel
      flush
      title={incidents.open > 0 ? `${t.overview.openIncidents} (${incidents.open})` : t.overview.openIncidents}
      className={classes.incidents ?? ''}
      aside={
        <Link to="/incidents" search={{ state: 'unclosed' }} className={classes.all}>
          {t.overview.seeAll}
        </Link>
      }
    >
      {incidents.newest.length === 0 ? (
        <Empty icon={<IconShieldCheck size={28} stroke={1.6} />} title={t.overview.noIncidents} />
      ) : (
        <ul className={classes.list}>
          {incidents.newest.map((incident) => (
            <li key={incident.id}>
              <IncidentRow incident={incident} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Activity({ data }: { data: Overview }): React.ReactNode {
  if (data.activity.every(({ events }) => events === 0))
    return (
      <Empty icon={<IconPlugConnected size={28} stroke={1.6} />} title={t.overview.noActivity}>
        <ButtonLink to="/sources">{t.overview.connect}</ButtonLink>
      </Empty>
    );
  return (
    <>
      <ActivityBars activity={data.activity} />
      <Text c="dimmed" size="xs" className={classes.legend} component="div">
        <span data-kind="events">{t.overview.activityEvents}</span>
        <span data-kind="findings">{t.overview.activityFindings}</span>
      </Text>
    </>
  );
}
