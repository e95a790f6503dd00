import { IconAlertTriangleFilled, IconCircleCheckFilled, IconClockHour4, IconVolumeOff } from '@tabler/icons-react';
import type { SourceHealth } from '../../../src/console/api.ts';
import { t } from '../../text/index.ts';
import classes from './sources.module.css';

const ICONS = {
  ok: IconCircleCheckFilled,
  silent: IconVolumeOff,
  troubled: IconAlertTriangleFilled,
  new: IconClockHour4,
} as const satisfies Record<SourceHealth, unknown>;

export function HealthMark({ health }: { health: SourceHealth }): React.ReactNode {
  const Icon = ICONS[health] ?? IconClockHour4;
  return (
    <span className={classes.health} data-health={health}>
      <Icon size={16} aria-hidden />
      {t.sources.health[health] ?? health}
    </span>
  );
}
