import { Paper, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { Mark } from '../../kit/mark.tsx';
import { t } from '../../text/index.ts';
import classes from './threshold.module.css';

/** The card in front of the console: sign-in, set-up, password. */
export function Threshold({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: string;
  children: React.ReactNode;
}): React.ReactNode {
  useEffect(() => {
    document.title = `${title} · ${t.shell.product}`;
  }, [title]);
  return (
    <main className={classes.ground}>
      <Paper className={classes.card} withBorder>
        <div className={classes.brand}>
          <Mark size={32} />
          <span>{t.shell.product}</span>
        </div>
        <Title order={1}>{title}</Title>
        {lead !== undefined && <Text c="dimmed">{lead}</Text>}
        {children}
      </Paper>
    </main>
  );
}
