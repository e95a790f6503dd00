import { Button, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { SourceDetail, SourceSecret } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { SecretDialog } from '../../kit/secret-dialog.tsx';
import { t } from '../../text/index.ts';

/** Another token, or the end of a source; both are asked twice. */
export function SourceActions({ source }: { source: SourceDetail }): React.ReactNode {
  const words = t.sources;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'renew' | 'remove' | null>(null);
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
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={8} aria-label={t.shell.menu}>
            <IconDots size={18} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsks('renew')}>{words.renew}</Menu.Item>
          <Menu.Item onClick={() => setAsks('remove')}>{words.remove}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asks === 'renew'}
        title={words.renew}
        text={words.renewSure}
        onShut={() => setAsks(null)}
        onSure={() => renew.mutate()}
      />
      <ConfirmDialog
        opened={asks === 'remove'}
        title={words.remove}
        text={words.removeSure}
        onShut={() => setAsks(null)}
        onSure={() => remove.mutate()}
      />
      <SecretDialog
        title={words.tokenTitle}
        lead={words.tokenLead}
        secret={renew.data?.token ?? null}
        onShut={renew.reset}
      />
    </>
  );
}
