import { Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { t } from '../text/index.ts';
import classes from './page.module.css';

export interface PageProps {
  title: string;
  /** One sentence under the title. */
  lead?: React.ReactNode;
  /** Buttons at the right of the title. */
  actions?: React.ReactNode;
  /** `list`: the page fills the window and its list scrolls. `text`: narrow enough to read. */
  shape?: 'wide' | 'text' | 'list';
  children: React.ReactNode;
}

/** The frame of every page: one heading, its actions, and the room below. */
export function Page({ title, lead, actions, shape = 'wide', children }: PageProps): React.ReactNode {
  useEffect(() => {
    document.title = `${title} · ${t.shell.product}`;
  }, [title]);
  return (
    <div className={classes.page} data-shape={shape}>
      <header className={classes.header}>
        <div className={classes.heading}>
          <Title order={1}>{title}</Title>
          {lead !== undefined && (
            <Text c="dimmed" component="div">
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface PanelProps {
  title?: React.ReactNode;
  /** At the right of the title. */
  aside?: React.ReactNode;
  /** Without inner space: for lists. */
  flush?: boolean;
  className?: string;
  children: React.ReactNode;
}

/** A card with an optional heading. */
export function Panel({ title, aside, flush = false, className, children }: PanelProps): React.ReactNode {
  return (
    <section className={`${classes.panel} ${className ?? ''}`}>
      {title !== undefined && (
        <div className={classes.panelHead}>
          <Title order={2}>{title}</Title>
          {aside}
        </div>
      )}
      <div className={classes.panelBody} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}

interface FactsProps {
  facts: readonly (readonly [string, React.ReactNode])[];
  /** Values stand beside their names instead of at the right edge: for places wider than a side panel. */
  wide?: boolean;
}

/** Names and values, one a line. */
export function Facts({ facts, wide = false }: FactsProps): React.ReactNode {
  return (
    <dl className={classes.facts} data-wide={wide || undefined}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
