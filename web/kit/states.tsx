import { Button, Loader, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { IconAlertTriangle } from '@tabler/icons-react';
import { t } from '../text/index.ts';
import { ApiError } from './api.ts';
import classes from './states.module.css';

/** What stands in a place whose data is on its way. */
export function Loading(): React.ReactNode {
  return (
    <div className={classes.state} role="status">
      <Loader size="sm" aria-hidden />
      <Text c="dimmed">{t.common.loading}</Text>
    </div>
  );
}

export interface EmptyProps {
  icon: React.ReactNode;
  title: string;
  advice?: string;
  /** It is all that the page shows: its title is the page's heading. */
  isPage?: boolean;
  children?: React.ReactNode;
}

/** Nothing is here: why, and what to do. */
export function Empty({ icon, title, advice, isPage = false, children }: EmptyProps): React.ReactNode {
  return (
    <div className={classes.state}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <Text fw={600} ta="center" {...(isPage && { component: 'h1' as const })}>
        {title}
      </Text>
      {advice !== undefined && (
        <Text c="dimmed" maw={420} ta="center">
          {advice}
        </Text>
      )}
      {children}
    </div>
  );
}

/** The sentence and the advice for a failure, in the reader's language where the server said none. */
export function wordsOf(error: unknown): { message: string; advice: string | null; id: string | null } {
  const { problem } = t.common;
  if (!(error instanceof ApiError))
    return { message: problem.pageBroke, advice: error instanceof Error ? error.message : null, id: null };
  if (error.code === 'offline') return { message: problem.offline, advice: problem.offlineAdvice, id: null };
  if (error.code === 'forbidden')
    return { message: problem.forbidden, advice: error.advice ?? problem.forbiddenAdvice, id: error.id };
  if (error.code === 'not_found')
    return { message: problem.notFound, advice: error.advice ?? problem.notFoundAdvice, id: error.id };
  return {
    message: sentence(error.message),
    advice: error.advice === null ? null : sentence(error.advice),
    id: error.id,
  };
}

/** What the server says in half a sentence, with a capital. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A failure: what the server said, what to do about it, and the reference that stands in its log. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }): React.ReactNode {
  const { message, advice, id } = wordsOf(error);
  return (
    <div className={classes.state} role="alert">
      <span className={classes.icon} data-tone="bad" aria-hidden>
        <IconAlertTriangle size={28} stroke={1.6} />
      </span>
      <Text fw={600} ta="center" style={{ overflowWrap: 'anywhere' }}>
        {message}
      </Text>
      {advice !== null && (
        <Text c="dimmed" maw={480} ta="center">
          {advice}
        </Text>
      )}
      {id !== null && (
        <Text c="dimmed" size="xs" ta="center">
          {t.common.problem.id(id)}
        </Text>
      )}
      {onRetry !== undefined && (
        <Button variant="default" onClick={onRetry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

/** Draws what a query gave; until then, that it loads or why it failed. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => React.ReactNode;
}): React.ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}
