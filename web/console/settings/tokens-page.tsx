import { Button, Checkbox, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { ApiToken, TokenCreate, TokenScope, TokenSecret } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { type Ask, ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Moment } from '../../kit/moment.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { Page } from '../../kit/page.tsx';
import { SecretDialog } from '../../kit/secret-dialog.tsx';
import { Empty } from '../../kit/states.tsx';
import { TwoLines } from '../../kit/two-lines.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';

const DAY_MS = 86_400_000;
const DAYS = ['30', '90', '365'] as const;

export function TokensPage(): React.ReactNode {
  const words = t.settings.tokens;
  const [shownColumns] = useState(columns);
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => get<ApiToken[]>('/tokens', undefined, signal),
  });
  const button = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} shape="list" actions={tokens.data?.length !== 0 && button}>
      <VirtualList
        label={words.title}
        columns={shownColumns}
        items={tokens.data ?? []}
        isPending={tokens.isPending}
        error={tokens.error}
        onRetry={() => void tokens.refetch()}
        keyOf={({ id }) => id}
        card={(token) => (
          <TwoLines mark={<strong>{token.name}</strong>} title={scopesOf(token)} meta={<EndToken token={token} />} />
        )}
        empty={
          <Empty icon={<IconKey size={28} stroke={1.6} />} title={words.empty} advice={words.emptyAdvice}>
            {button}
          </Empty>
        }
      />
      <TokenDialog opened={isAdding} onShut={() => setAdding(false)} onSecret={setSecret} />
      <SecretDialog title={words.secretTitle} lead={words.secretLead} secret={secret} onShut={() => setSecret(null)} />
    </Page>
  );
}

function scopesOf({ scopes }: ApiToken): string {
  return scopes.map((scope) => t.people.scopes[scope]).join(', ');
}

function dayOf(ms: number | null): React.ReactNode {
  return ms === null ? t.common.never : <Moment ms={ms} form="day" />;
}

function columns(): Column<ApiToken>[] {
  const words = t.settings.tokens;
  return [
    { id: 'name', title: words.name, width: 'minmax(160px, 2fr)', render: ({ name }) => name },
    { id: 'scopes', title: words.scopes, width: 'minmax(120px, 1fr)', render: scopesOf },
    { id: 'created', title: words.created, width: '120px', isMinor: true, render: (one) => dayOf(one.createdMs) },
    { id: 'ends', title: words.ends, width: '120px', render: ({ expiresMs }) => dayOf(expiresMs) },
    { id: 'used', title: words.used, width: '120px', isMinor: true, render: ({ lastUsedMs }) => dayOf(lastUsedMs) },
    { id: 'actions', title: '', width: '48px', render: (token) => <EndToken token={token} /> },
  ];
}

function EndToken({ token }: { token: ApiToken }): React.ReactNode {
  const words = t.settings.tokens;
  const client = useQueryClient();
  const [ask, setAsk] = useState<Ask | null>(null);
  const end = useMutation({
    mutationFn: () => call('DELETE', `/tokens/${encodeURIComponent(token.id)}`),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['tokens'] }),
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        px={6}
        aria-label={`${words.remove}: ${token.name}`}
        onClick={() =>
          setAsk({
            title: `${words.remove}: ${token.name}`,
            text: words.removeSure(token.name),
            act: words.remove,
            onSure: end.mutate,
          })
        }
      >
        <IconTrash size={16} aria-hidden />
      </Button>
      <ConfirmDialog ask={ask} onShut={() => setAsk(null)} />
    </>
  );
}

function TokenDialog(props: {
  opened: boolean;
  onShut: () => void;
  onSecret: (secret: string) => void;
}): React.ReactNode {
  const { opened, onShut, onSecret } = props;
  const words = t.settings.tokens;
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['read']);
  const [days, setDays] = useState<string>('90');
  const create = useMutation({
    mutationFn: () => {
      const expiresMs = Date.now() + Number(days) * DAY_MS;
      const body: TokenCreate = { name: name.trim(), scopes: scopes as TokenScope[], expiresMs };
      return call<TokenSecret>('POST', '/tokens', { body });
    },
    onSuccess: ({ secret }) => {
      void client.invalidateQueries({ queryKey: ['tokens'] });
      setName('');
      onShut();
      onSecret(secret);
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
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox.Group label={words.scopes} value={scopes} onChange={setScopes}>
            <Stack gap={8} mt={6}>
              {Object.entries(t.people.scopes).map(([scope, label]) => (
                <Checkbox key={scope} value={scope} label={label} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Select
            label={words.expires}
            allowDeselect={false}
            data={DAYS.map((value) => ({ value, label: words.days(value) }))}
            value={days}
            onChange={(value) => setDays(value ?? '90')}
          />
          <Button type="submit" disabled={scopes.length === 0} loading={create.isPending}>
            {words.create}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
