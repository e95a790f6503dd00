import { Button, Text, UnstyledButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconTrash } from '@tabler/icons-react';
import type { HuntView, SavedHunt } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { Panel } from '../../kit/page.tsx';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import classes from './hunt.module.css';

/** Saved hunts, and the views that can be asked with their columns. */
export function ViewHelp({ onOpen }: { onOpen: (hunt: Pick<SavedHunt, 'sql' | 'picture'>) => void }): React.ReactNode {
  const views = useQuery({
    queryKey: ['hunt-views'],
    queryFn: ({ signal }) => get<HuntView[]>('/hunt/views', undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <Panel title={t.hunt.saved}>
        <SavedHunts onOpen={onOpen} />
      </Panel>
      <Panel title={t.hunt.views}>
        <Loaded query={views}>
          {(data) => (
            <ul className={classes.list}>
              {data.map((view) => (
                <li key={view.name}>
                  <View view={view} onOpen={onOpen} />
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function View({ view, onOpen }: { view: HuntView; onOpen: (hunt: SavedHuntStart) => void }): React.ReactNode {
  return (
    <details className={classes.view}>
      <summary>{view.name}</summary>
      <p>{view.description}</p>
      <dl>
        {view.columns.map(({ name, type, description }) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt title={type}>{name}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
      <Button size="compact-xs" variant="default" onClick={() => onOpen({ sql: view.example, picture: 'table' })}>
        {t.hunt.example}
      </Button>
    </details>
  );
}

type SavedHuntStart = Pick<SavedHunt, 'sql' | 'picture'>;

function SavedHunts({ onOpen }: { onOpen: (hunt: SavedHuntStart) => void }): React.ReactNode {
  const client = useQueryClient();
  const saved = useQuery({
    queryKey: ['hunt-saved'],
    queryFn: ({ signal }) => get<SavedHunt[]>('/hunt/saved', undefined, signal),
  });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE', `/hunt/saved/${encodeURIComponent(id)}`),
    onSuccess: () => {
      notifyDone(t.hunt.removed);
      void client.invalidateQueries({ queryKey: ['hunt-saved'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Loaded query={saved}>
      {(data) =>
        data.length === 0 ? (
          <Text c="dimmed">{t.hunt.noSaved}</Text>
        ) : (
          <ul className={classes.list}>
            {data.map((hunt) => (
              <li key={hunt.id} className={classes.saved}>
                <UnstyledButton onClick={() => onOpen(hunt)}>{hunt.name}</UnstyledButton>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  px={6}
                  aria-label={`${t.common.remove}: ${hunt.name}`}
                  onClick={() => remove.mutate(hunt.id)}
                >
                  <IconTrash size={15} aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
