import type { Overview } from '../../../src/console/api.ts';
import { formatMoment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { useSession } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import classes from './overview.module.css';

const HEIGHT = 120;
const BAR = 18;
const STEP = 24;
const HOURS_A_TICK = 6;

/** Events an hour as bars, findings as dots above; each hour in words on hover and for assistive technology. */
export function ActivityBars({ activity }: { activity: Overview['activity'] }): React.ReactNode {
  const { zone } = useSession();
  const most = Math.max(1, ...activity.map(({ events }) => events));
  const width = activity.length * STEP;
  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        className={classes.bars}
        role="img"
        aria-label={activity.map((hour) => describe(hour, zone)).join('; ')}
      >
        {activity.map((hour, index) => {
          const height = hour.events === 0 ? 0 : Math.max(2, (hour.events / most) * (HEIGHT - 16));
          const x = index * STEP + (STEP - BAR) / 2;
          return (
            <g key={hour.hourMs}>
              <title>{describe(hour, zone)}</title>
              <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} fill="transparent" />
              <rect x={x} y={HEIGHT - height} width={BAR} height={height} rx={3} className={classes.bar} />
              {hour.findings > 0 && (
                <circle cx={x + BAR / 2} cy={HEIGHT - height - 8} r={dotSize(hour.findings)} className={classes.dot} />
              )}
            </g>
          );
        })}
      </svg>
      <div className={classes.ticks} aria-hidden>
        {activity
          .filter((_hour, index) => index % HOURS_A_TICK === 0)
          .map(({ hourMs }) => (
            <span key={hourMs}>{formatMoment(hourMs, zone, 'clock').slice(0, 5)}</span>
          ))}
      </div>
    </>
  );
}

function dotSize(findings: number): number {
  return Math.min(6, 2.5 + Math.log2(findings));
}

function describe({ hourMs, events, findings }: Overview['activity'][number], zone: string): string {
  return t.overview.activityRow(formatMoment(hourMs, zone, 'hour'), count(events), count(findings));
}
