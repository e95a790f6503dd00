import { Link } from '@tanstack/react-router';
import { IconAlertTriangle, IconCircleCheckFilled } from '@tabler/icons-react';
import type { Overview } from '../../../src/console/api.ts';
import { Moment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { Panel } from '../../kit/page.tsx';
import { t } from '../../text/index.ts';
import classes from './overview.module.css';

/** Sources and ledger, each with its state in words. */
export function HealthPanels({ overview }: { overview: Overview }): React.ReactNode {
  const { sources, ledger } = overview;
  // What is not watched is never marked as well.
  const isHeard = sources.total > 0 && sources.silent + sources.troubled === 0;
  return (
    <div className={classes.health}>
      <Panel title={t.overview.sources}>
        <State good={isHeard}>
          <Link to="/sources">
            {sources.total === 0
              ? t.overview.sourcesNone
              : t.overview.sourcesOf(count(sources.healthy), count(sources.total))}
          </Link>
        </State>
        {sources.silent > 0 && <p>{t.overview.sourcesSilent(count(sources.silent))}</p>}
        {sources.troubled > 0 && <p>{t.overview.sourcesTroubled(count(sources.troubled))}</p>}
      </Panel>
      <Panel title={t.overview.ledger}>
        <State good={ledger.healthy}>{ledger.healthy ? t.overview.ledgerHealthy : t.overview.ledgerUnhealthy}</State>
        <p>
          {t.overview.ledgerSize(count(ledger.size))}
          {' · '}
          {ledger.checkpointMs === null ? (
            t.overview.noCheckpoint
          ) : (
            <>
              {t.overview.checkpoint} <Moment ms={ledger.checkpointMs} form="ago" />
            </>
          )}
        </p>
        <p>
          <Link to="/ledger" search={{ verify: 'now' }}>
            {t.overview.verifyNow}
          </Link>
        </p>
      </Panel>
    </div>
  );
}

function State({ good, children }: { good: boolean; children: React.ReactNode }): React.ReactNode {
  const Icon = good ? IconCircleCheckFilled : IconAlertTriangle;
  return (
    <p className={classes.stateLine} data-good={good}>
      <Icon size={18} aria-hidden />
      {children}
    </p>
  );
}
