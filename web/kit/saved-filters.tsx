import { Button, Menu, Stack, TextInput } from '@mantine/core';
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
  const [isSaving, setSaving] = useState(false);
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
            onClick={() => setSaving(true)}
          >
            {words.save}
          </Menu.Item>
          {current !== undefined && (
            <Menu.Item disabled={!mayChange} onClick={() => remove(current)}>
              {words.remove(current.name)}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <SaveDialog opened={isSaving} onShut={() => setSaving(false)} page={page} search={search} />
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
  return (filter, done) => save.mutate(filter, { onSuccess: () => notifyDone(done) });
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

function SaveDialog(props: {
  opened: boolean;
  onShut: () => void;
  page: SavedFilter['page'];
  search: string;
}): React.ReactNode {
  const { opened, onShut, page, search } = props;
  const { user } = useSession();
  const save = useSaving();
  const [name, setName] = useState('');
  return (
    <Dialog opened={opened} onShut={onShut} title={t.common.savedFilters.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save(
            { id: freshId(), name: name.trim(), page, search, author: user.name, changedMs: Date.now() },
            t.common.savedFilters.done,
          );
          setName('');
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
          <Button type="submit" disabled={name.trim() === ''}>
            {t.common.save}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
