import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedHunt } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { freshId } from '../../kit/fresh-id.ts';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { useSession } from '../../kit/session.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';

export interface SaveDialogProps {
  opened: boolean;
  onShut: () => void;
  sql: string;
  picture: SavedHunt['picture'];
}

export function SaveDialog({ opened, onShut, sql, picture }: SaveDialogProps): React.ReactNode {
  const client = useQueryClient();
  const { user } = useSession();
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => {
      const id = freshId();
      const body: SavedHunt = { id, name: name.trim(), sql, picture, author: user.name, changedMs: Date.now() };
      return call<SavedHunt>('PUT', `/hunt/saved/${id}`, { body });
    },
    onSuccess: () => {
      notifyDone(t.hunt.saved1);
      setName('');
      onShut();
      void client.invalidateQueries({ queryKey: ['hunt-saved'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Dialog opened={opened} onShut={onShut} title={t.hunt.saveTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.hunt.saveName}
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>
            {t.common.save}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
