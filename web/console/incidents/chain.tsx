import { Tooltip } from '@mantine/core';
import { t } from '../../text/index.ts';
import classes from './chain.module.css';

/** `credential-access` as `Credential access`. */
export function tacticName(tactic: string): string {
  const words = tactic.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How far an attack went: a dot a stage, the names on hover. */
export function ChainDots({ tactics }: { tactics: readonly string[] }): React.ReactNode {
  if (tactics.length === 0) return null;
  const names = tactics.map(tacticName).join(' → ');
  return (
    <Tooltip label={names}>
      <span className={classes.dots} role="img" aria-label={`${t.incidents.columns.chain}: ${names}`}>
        {tactics.slice(0, 10).map((tactic) => (
          <i key={tactic} />
        ))}
        <b>{tactics.length}</b>
      </span>
    </Tooltip>
  );
}

/** The stages by name, in their order. */
export function Chain({ tactics }: { tactics: readonly string[] }): React.ReactNode {
  return (
    <ol className={classes.chain} aria-label={t.incidents.columns.chain}>
      {tactics.map((tactic) => (
        <li key={tactic}>{tacticName(tactic)}</li>
      ))}
    </ol>
  );
}
