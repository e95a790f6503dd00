import { Button, Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconDots, IconEye, IconLock, IconPlus, IconShieldLock, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import type { User, UserChange, UserSecret } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { type Ask, ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Moment } from '../../kit/moment.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { Page } from '../../kit/page.tsx';
import { SecretDialog } from '../../kit/secret-dialog.tsx';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { UserDialog } from './user-dialog.tsx';

export function UsersPage(): React.ReactNode {
  const words = t.settings.users;
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [shownColumns] = useState(() => columns(setSecret));
  const users = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => get<User[]>('/users', undefined, signal),
  });
  return (
    <Page
      title={words.title}
      lead={words.lead}
      shape="list"
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          {words.add}
        </Button>
      }
    >
      <VirtualList
        label={words.title}
        columns={shownColumns}
        items={users.data ?? []}
        isPending={users.isPending}
        error={users.error}
        onRetry={() => void users.refetch()}
        keyOf={({ id }) => id}
        card={(user) => (
          <TwoLines
            mark={<strong>{user.name}</strong>}
            title={t.people.roles[user.role]}
            note={user.lastSignInMs === null ? t.common.never : <Moment ms={user.lastSignInMs} form="ago" />}
            meta={<UserActions user={user} onSecret={setSecret} />}
          />
        )}
        empty={<Empty icon={<IconUsers size={28} stroke={1.6} />} title={t.common.none} />}
      />
      <UserDialog opened={isAdding} onShut={() => setAdding(false)} onSecret={setSecret} />
      <SecretDialog
        title={words.passwordTitle}
        lead={words.passwordLead}
        secret={secret}
        onShut={() => setSecret(null)}
      />
    </Page>
  );
}

function columns(onSecret: (secret: string) => void): Column<User>[] {
  const words = t.settings.users;
  return [
    {
      id: 'name',
      title: words.name,
      width: 'minmax(130px, 2fr)',
      render: ({ name, isLocked }) => (
        <>
          {name} {isLocked && <IconLock size={14} aria-label={words.locked} style={{ verticalAlign: '-2px' }} />}
        </>
      ),
    },
    { id: 'role', title: words.role, width: 'minmax(110px, 1fr)', render: ({ role }) => t.people.roles[role] },
    {
      id: 'sees',
      title: words.sees,
      width: '112px',
      isMinor: true,
      render: ({ seesPatients }) =>
        seesPatients ? (
          <>
            <IconEye size={15} aria-hidden style={{ verticalAlign: '-3px' }} /> {t.common.yes}
          </>
        ) : (
          t.common.no
        ),
    },
    {
      id: 'factor',
      title: words.factor,
      width: '120px',
      isMinor: true,
      render: ({ hasTotp }) =>
        hasTotp ? (
          <>
            <IconShieldLock size={15} aria-hidden style={{ verticalAlign: '-3px' }} /> {t.common.yes}
          </>
        ) : (
          t.common.no
        ),
    },
    {
      id: 'last',
      title: words.lastSignIn,
      width: '130px',
      isMinor: true,
      render: ({ lastSignInMs }) => (lastSignInMs === null ? t.common.never : <Moment ms={lastSignInMs} form="ago" />),
    },
    { id: 'actions', title: '', width: '48px', render: (user) => <UserActions user={user} onSecret={onSecret} /> },
  ];
}

function UserActions({ user, onSecret }: { user: User; onSecret: (secret: string) => void }): React.ReactNode {
  const words = t.settings.users;
  const client = useQueryClient();
  const [ask, setAsk] = useState<Ask | null>(null);
  const asking = (act: string, text: string, onSure: () => void) => () =>
    setAsk({ title: `${act}: ${user.name}`, text, act, onSure });
  const path = `/users/${encodeURIComponent(user.id)}`;
  const settled = {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['users'] }),
    onError: (error: Error) => notifyFailure(error),
  };
  const change = useMutation({ mutationFn: (body: UserChange) => call<User>('PATCH', path, { body }), ...settled });
  const remove = useMutation({ mutationFn: () => call('DELETE', path), ...settled });
  const reset = useMutation({
    mutationFn: () => call<UserSecret>('POST', `${path}/reset`),
    onSuccess: ({ password }) => {
      onSecret(password);
      settled.onSuccess();
    },
    onError: settled.onError,
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" size="compact-sm" px={6} aria-label={words.actions(user.name)}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{words.role}</Menu.Label>
          {(Object.entries(t.people.roles) as [User['role'], string][]).map(([role, name]) => (
            <Menu.Item key={role} disabled={role === user.role} onClick={() => change.mutate({ role })}>
              {name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => change.mutate({ seesPatients: !user.seesPatients })}>
            {user.seesPatients ? words.hidePatients : words.showPatients}
          </Menu.Item>
          <Menu.Item onClick={() => change.mutate({ isLocked: !user.isLocked })}>
            {user.isLocked ? words.unlock : words.lock}
          </Menu.Item>
          <Menu.Item onClick={asking(words.reset, words.resetSure, reset.mutate)}>{words.reset}</Menu.Item>
          <Menu.Item onClick={asking(words.remove, words.removeSure, remove.mutate)}>{words.remove}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog ask={ask} onShut={() => setAsk(null)} />
    </>
  );
}
