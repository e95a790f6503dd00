import {
  IconAlertCircle,
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconInfoCircle,
  IconPointFilled,
} from '@tabler/icons-react';
import type { Level } from '../../src/console/api.ts';
import { t } from '../text/index.ts';
import classes from './level.module.css';

const ICONS = {
  critical: IconAlertOctagonFilled,
  high: IconAlertTriangleFilled,
  medium: IconAlertCircle,
  low: IconInfoCircle,
  informational: IconPointFilled,
} as const satisfies Record<Level, unknown>;

/** Most serious first. */
export const LEVELS: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];

/** A severity: its own shape, its word, its colour. `soft` puts it on a tinted ground. */
export function LevelMark({ level, soft = false }: { level: Level; soft?: boolean }): React.ReactNode {
  const Icon = ICONS[level] ?? IconInfoCircle;
  return (
    <span className={classes.mark} data-level={level} data-soft={soft || undefined}>
      <Icon size={16} aria-hidden />
      {t.common.levels[level] ?? level}
    </span>
  );
}
