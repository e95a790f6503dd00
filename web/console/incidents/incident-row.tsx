import { Link } from '@tanstack/react-router';
import type { IncidentSummary } from '../../../src/console/api.ts';
import { LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { t } from '../../text/index.ts';
import classes from './incidents.module.css';

/** An incident in two lines: for the overview and for phones. */
export function IncidentRow({ incident }: { incident: IncidentSummary }): React.ReactNode {
  const { id, number, title, severity, state, assignee, lastMs } = incident;
  return (
    <div className={classes.short}>
      <LevelMark level={severity} soft />
      <div className={classes.shortText}>
        <Link to="/incidents/$id" params={{ id }} className={classes.title}>
          {title}
        </Link>
        <span className={classes.shortMeta}>
          {number} · {t.incidents.states[state]} · {assignee ?? t.incidents.nobody} · <Moment ms={lastMs} form="ago" />
        </span>
      </div>
    </div>
  );
}
