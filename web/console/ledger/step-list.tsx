import { IconCircleCheckFilled, IconCircleXFilled, IconHelpCircleFilled } from '@tabler/icons-react';
import classes from './ledger.module.css';

function iconOf(ok: boolean | null): typeof IconCircleCheckFilled {
  return ok === true ? IconCircleCheckFilled : ok === false ? IconCircleXFilled : IconHelpCircleFilled;
}

export interface ShownStep {
  name: string;
  ok: boolean | null;
  note: string;
}

/** What was checked, one a line. */
export function StepList({ steps }: { steps: readonly ShownStep[] }): React.ReactNode {
  return (
    <ul className={classes.steps}>
      {steps.map(({ name, ok, note }) => {
        const Icon = iconOf(ok);
        return (
          <li key={name} data-ok={ok ?? 'open'}>
            <Icon size={18} aria-hidden />
            <span>
              <strong>{name}</strong> {note}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

export function Outcome(props: {
  outcome: 'good' | 'bad' | 'undecided';
  title: string;
  children: React.ReactNode;
}): React.ReactNode {
  const { outcome, title, children } = props;
  const Icon = iconOf(outcome === 'good' ? true : outcome === 'bad' ? false : null);
  return (
    <div className={classes.outcome} data-outcome={outcome} role={outcome === 'bad' ? 'alert' : 'status'}>
      <p className={classes.outcomeTitle}>
        <Icon size={24} aria-hidden />
        {title}
      </p>
      {children}
    </div>
  );
}
