import { Button, Checkbox, Menu, Stack, TextInput } from '@mantine/core';
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconBookmark } from '@tabler/icons-react';
import { useState } from 'react';
import type { SavedFilter } from '../../src/console/api.ts';
import { t } from '../text/index.ts';
import { call, get } from './api.ts';
import { Dialog } from './dialog.tsx';
import { type Filters, parseSearch, stringifySearch } from './filters.ts';
import { freshId } from './fresh-id.ts';
import { notifyDone, notifyFailure } from './notify.tsx';
import { useRight, useSession } from './session.ts';

const KEY = ['saved-filters'];

export interface SavedFiltersProps {
  page: SavedFilter['page'];
  /** What is filtered by now, the order with it. */
  filters: Filters<string>;
}

/** Filters that people gave a name: one press shows such a list again. One that names a patient cannot be saved. */
export function SavedFilters({ page, filters }: SavedFiltersProps): React.ReactNode {
  const words = t.common.savedFilters;
  const navigate = useNavigate();
  const mayChange = useRight('respond');
  const [isOpen, setOpen] = useState(false);
  /** What the dialog is about: a new one, or one that is changed. */
  const [edited, setEdited] = useState<SavedFilter | 'new' | null>(null);
  const saved = useSavedFilters(isOpen);
  const remove = useRemoval();
  const search = stringifySearch(filters).slice(1);
  const shown = (saved.data ?? []).filter((one) => one.page === page);
  const current = shown.find((one) => one.search === search);
  return (
    <>
      <Menu position="bottom-end" opened={isOpen} onChange={setOpen}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {words.open}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {shown.length === 0 && <Menu.Label>{saved.isPending ? t.common.loading : words.none}</Menu.Label>}
          {shown.map((one) => (
            <Menu.Item
              key={one.id}
              maw={300}
              style={{ overflowWrap: 'anywhere' }}
              onClick={() => void navigate({ to: '.', search: parseSearch(one.search) } as never)}
            >
              {one.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            disabled={!mayChange || search === '' || filters['patient'] !== undefined}
            onClick={() => setEdited('new')}
          >
            {words.save}
          </Menu.Item>
          {current !== undefined && (
            <>
              <Menu.Item disabled={!mayChange} onClick={() => setEdited(current)}>
                {words.rename(current.name)}
              </Menu.Item>
              <Menu.Item disabled={!mayChange} onClick={() => remove(current)}>
                {words.remove(current.name)}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {edited !== null && <SaveDialog edited={edited} onShut={() => setEdited(null)} page={page} search={search} />}
    </>
  );
}

function useSavedFilters(isWanted: boolean): UseQueryResult<SavedFilter[]> {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get<SavedFilter[]>('/filters', undefined, signal),
    enabled: isWanted,
  });
}

function useSaving(): (filter: SavedFilter, done: string) => void {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: SavedFilter) => call<SavedFilter>('PUT', `/filters/${body.id}`, { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: KEY }),
    onError: (error: Error) => notifyFailure(error),
  });
  return (filter, done) => void save.mutateAsync(filter).then(() => notifyDone(done), told);
}

/** Removes one, and offers to put it back. */
function useRemoval(): (filter: SavedFilter) => void {
  const client = useQueryClient();
  const save = useSaving();
  const remove = useMutation({
    mutationFn: ({ id }: SavedFilter) => call('DELETE', `/filters/${encodeURIComponent(id)}`),
    onSuccess: (_nothing, filter) => {
      void client.invalidateQueries({ queryKey: KEY });
      notifyDone(t.common.savedFilters.removed, () => save(filter, t.common.undone));
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return remove.mutate;
}

/** That it failed was said already. */
function told(): void {}

function SaveDialog(props: {
  edited: SavedFilter | 'new';
  onShut: () => void;
  page: SavedFilter['page'];
  search: string;
}): React.ReactNode {
  const { edited, onShut, page, search } = props;
  const words = t.common.savedFilters;
  const { user } = useSession();
  const save = useSaving();
  const before = edited === 'new' ? null : edited;
  const [name, setName] = useState(before?.name ?? '');
  const [isShared, setShared] = useState(before?.isShared ?? false);
  return (
    <Dialog opened onShut={onShut} title={before === null ? words.title : words.renameTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = { name: name.trim(), isShared, page, search, author: user.name, changedMs: Date.now() };
          save({ id: before?.id ?? freshId(), ...chosen }, words.done);
          onShut();
        }}
      >
        <Stack>
          <TextInput
            label={t.common.name}
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label={words.shared}
            description={words.sharedHint}
            checked={isShared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <Button type="submit" disabled={name.trim() === ''}>
            {t.common.save}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
