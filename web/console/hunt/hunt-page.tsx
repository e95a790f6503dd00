import { Button, Kbd, SegmentedControl, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { Suspense, lazy, useRef, useState } from 'react';
import type { HuntRequest, HuntResult, SavedHunt } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { useFilters } from '../../kit/filters.ts';
import { count } from '../../kit/numbers.ts';
import { Page, Panel } from '../../kit/page.tsx';
import { Failure, Loading } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { ExportMenu } from './export-menu.tsx';
import classes from './hunt.module.css';
import { ResultTable } from './result-table.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { SqlEditor } from './sql-editor.tsx';
import { ViewHelp } from './view-help.tsx';

const Picture = lazy(async () => ({ default: (await import('./picture.tsx')).Picture }));

/** Rows that a result shows; the server's own limit is higher, and an export has none. */
const ROWS_MAX = 10_000;
const HUNT_MS_MAX = 120_000;
const PICTURES = ['table', 'bar', 'line', 'heat'] as const;

/** One SELECT over everything stored, as a table or a picture. A link carries the question and never runs it by itself. */
export function HuntPage(): React.ReactNode {
  const [{ sql: linked = '', picture: asked }, setFilters] = useFilters<'sql' | 'picture'>();
  const picture = PICTURES.find((one) => one === asked) ?? 'table';
  const [sql, setSql] = useState(linked);
  const [isSaving, setSaving] = useState(false);
  const stopper = useRef<AbortController | null>(null);
  const words = t.hunt;
  const hunt = useMutation({
    mutationFn: (body: HuntRequest) => {
      stopper.current = new AbortController();
      return call<HuntResult>('POST', '/hunt', { body, signal: stopper.current.signal, timeoutMs: HUNT_MS_MAX });
    },
  });
  const run = (): void => {
    setFilters({ sql });
    hunt.mutate({ sql, limit: ROWS_MAX });
  };
  const open = (saved: Pick<SavedHunt, 'sql' | 'picture'>): void => {
    setSql(saved.sql);
    setFilters({ sql: saved.sql, picture: saved.picture });
  };
  return (
    <Page title={words.title} lead={words.lead}>
      <div className={classes.grid}>
        <div className={classes.column}>
          <Panel>
            <SqlEditor value={sql} onChange={setSql} onRun={run} />
            <div className={classes.bar}>
              {hunt.isPending ? (
                <Button
                  variant="default"
                  leftSection={<IconPlayerStop size={16} aria-hidden />}
                  onClick={() => stopper.current?.abort()}
                >
                  {words.stop}
                </Button>
              ) : (
                <Button
                  leftSection={<IconPlayerPlay size={16} aria-hidden />}
                  disabled={sql.trim() === ''}
                  onClick={run}
                >
                  {words.run}
                </Button>
              )}
              <Kbd size="xs" className={classes.hint}>
                {words.runHint}
              </Kbd>
              <span className={classes.spring} />
              <Button variant="default" disabled={sql.trim() === ''} onClick={() => setSaving(true)}>
                {words.save}
              </Button>
              <ExportMenu sql={sql} />
            </div>
          </Panel>
          <Panel
            title={words.result}
            aside={
              <SegmentedControl
                size="xs"
                transitionDuration={0}
                aria-label={words.picture}
                data={PICTURES.map((value) => ({ value, label: words.pictures[value] }))}
                value={picture}
                onChange={(value) => setFilters({ picture: value === 'table' ? null : value })}
              />
            }
          >
            <Result hunt={hunt} picture={picture} />
          </Panel>
        </div>
        <div className={classes.column}>
          <ViewHelp onOpen={open} />
        </div>
      </div>
      <SaveDialog opened={isSaving} onShut={() => setSaving(false)} sql={sql} picture={picture} />
    </Page>
  );
}

function Result(props: {
  hunt: { data: HuntResult | undefined; error: Error | null; isPending: boolean };
  picture: string;
}): React.ReactNode {
  const { hunt, picture } = props;
  const words = t.hunt;
  if (hunt.isPending) return <Loading />;
  if (hunt.error !== null) return hunt.error.name === 'AbortError' ? null : <Failure error={hunt.error} />;
  if (hunt.data === undefined) return <Text c="dimmed">{words.viewsLead}</Text>;
  const { rows, elapsedMs, isTruncated, skipped } = hunt.data;
  return (
    <>
      <Text c="dimmed" size="xs" mb={8} role="status">
        {words.took(count(rows.length), count(Math.max(1, Math.round(elapsedMs))))}
        {isTruncated && ` · ${words.truncated(count(rows.length))}`}
      </Text>
      {skipped.length > 0 && (
        <Text c="red.9" mb={8} role="alert">
          {words.skipped(skipped.join(', '))}
        </Text>
      )}
      {picture === 'table' ? (
        <ResultTable result={hunt.data} />
      ) : (
        <Suspense fallback={<Loading />}>
          <Picture result={hunt.data} kind={picture} />
        </Suspense>
      )}
    </>
  );
}
