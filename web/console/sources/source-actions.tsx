import { Button, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { SourceDetail, SourceSecret } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { type Ask, ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { SecretDialog } from '../../kit/secret-dialog.tsx';
import { t } from '../../text/index.ts';
import { EditDialog } from './edit-dialog.tsx';

/** Changes of a source; another token and its end are asked twice. */
export function SourceActions({ source }: { source: SourceDetail }): React.ReactNode {
  const words = t.sources;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isEditing, setEditing] = useState(false);
  const [ask, setAsk] = useState<Ask | null>(null);
  const asking = (act: string, text: string, onSure: () => void) => () =>
    setAsk({ title: `${act}: ${source.name}`, text, act, onSure });
  const path = `/sources/${encodeURIComponent(source.id)}`;
  const renew = useMutation({
    mutationFn: () => call<SourceSecret>('POST', `${path}/token`),
    onError: (error: Error) => notifyFailure(error),
  });
  const remove = useMutation({
    mutationFn: () => call('DELETE', path),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['sources'] });
      void navigate({ to: '/sources' });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <>
      <Button variant="default" onClick={() => setEditing(true)}>
        {words.edit}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={8} aria-label={t.shell.menu}>
            <IconDots size={18} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={asking(words.renew, words.renewSure, renew.mutate)}>{words.renew}</Menu.Item>
          <Menu.Item onClick={asking(words.remove, words.removeSure, remove.mutate)}>{words.remove}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <EditDialog key={JSON.stringify(source)} source={source} opened={isEditing} onShut={() => setEditing(false)} />
      <ConfirmDialog ask={ask} onShut={() => setAsk(null)} />
      <SecretDialog
        title={words.tokenTitle}
        lead={words.tokenLead}
        secret={renew.data?.token ?? null}
        onShut={renew.reset}
      />
    </>
  );
}
