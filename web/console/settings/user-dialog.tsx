import { Button, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role, UserCreate, UserSecret } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { notifyFailure } from '../../kit/notify.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';

const EMPTY: UserCreate = { name: '', role: 'analyst', seesPatients: false };

/** A new user; the answer is a first password, shown once. */
export function UserDialog(props: {
  opened: boolean;
  onShut: () => void;
  onSecret: (secret: string) => void;
}): React.ReactNode {
  const { opened, onShut, onSecret } = props;
  const words = t.settings.users;
  const client = useQueryClient();
  const [form, setForm] = useState(EMPTY);
  const put = (change: Partial<UserCreate>): void => setForm((before) => ({ ...before, ...change }));
  const create = useMutation({
    mutationFn: () => call<UserSecret>('POST', '/users', { body: { ...form, name: form.name.trim() } }),
    onSuccess: ({ password }) => {
      void client.invalidateQueries({ queryKey: ['users'] });
      setForm(EMPTY);
      onShut();
      onSecret(password);
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Dialog opened={opened} onShut={onShut} title={words.add}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={words.name}
            required
            withAsterisk={false}
            autoCapitalize="none"
            value={form.name}
            onChange={(event) => put({ name: event.currentTarget.value })}
          />
          <Select
            label={words.role}
            description={t.people.roleHints[form.role]}
            allowDeselect={false}
            data={Object.entries(t.people.roles).map(([value, label]) => ({ value, label }))}
            value={form.role}
            onChange={(role) => put({ role: role as Role })}
          />
          <Switch
            label={words.sees}
            description={words.seesHint}
            checked={form.seesPatients}
            onChange={(event) => put({ seesPatients: event.currentTarget.checked })}
          />
          <Button type="submit" loading={create.isPending}>
            {words.create}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
