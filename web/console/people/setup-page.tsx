import { Alert, Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Session, SetupRequest, SetupState } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { useFilters } from '../../kit/filters.ts';
import { Loaded, wordsOf } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { PASSWORD_CHARS_MIN, PasswordField } from './new-password.tsx';
import { Threshold } from './threshold.tsx';
import classes from './threshold.module.css';

/** First start: the hospital's name and zone, and the first administrator. The link is good once. */
export function SetupPage(): React.ReactNode {
  const [filters] = useFilters<'token'>();
  // The address changes when the set-up is done, while this page still stands.
  const [token] = useState(filters.token ?? '');
  const state = useQuery({
    queryKey: ['setup', token],
    queryFn: ({ signal }) => get<SetupState>('/setup', { token }, signal),
    enabled: token !== '',
  });
  const refusal = (
    <Threshold title={t.people.setup.badTitle} lead={t.people.setup.bad}>
      <Button component="a" href="/" variant="default" mt={12}>
        {t.people.signIn}
      </Button>
    </Threshold>
  );
  if (token === '') return refusal;
  return <Loaded query={state}>{({ valid }) => (valid ? <SetupForm token={token} /> : refusal)}</Loaded>;
}

function SetupForm({ token }: { token: string }): React.ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState<Omit<SetupRequest, 'token'>>({
    hospital: '',
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    user: '',
    password: '',
  });
  const put = (change: Partial<SetupRequest>): void => setForm((before) => ({ ...before, ...change }));
  const begin = useMutation({
    mutationFn: () => call<Session>('POST', '/setup', { body: { token, ...form } }),
    onSuccess: (session) => {
      client.setQueryData(['session'], session);
      void navigate({ to: '/', replace: true });
    },
  });
  const isShort = form.password.length > 0 && form.password.length < PASSWORD_CHARS_MIN;
  return (
    <Threshold title={t.people.setup.title} lead={t.people.setup.lead}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (form.password.length >= PASSWORD_CHARS_MIN) begin.mutate();
        }}
      >
        {begin.isError && (
          <Alert color="red" role="alert" title={wordsOf(begin.error).message}>
            {wordsOf(begin.error).advice}
          </Alert>
        )}
        <TextInput
          label={t.people.setup.hospital}
          required
          withAsterisk={false}
          autoFocus
          value={form.hospital}
          onChange={(event) => put({ hospital: event.currentTarget.value })}
        />
        <Select
          label={t.people.setup.zone}
          description={t.people.setup.zoneHint}
          searchable
          allowDeselect={false}
          limit={200}
          data={zones()}
          value={form.zone}
          onChange={(zone) => put({ zone: zone ?? 'UTC' })}
        />
        <TextInput
          label={t.people.setup.user}
          autoComplete="username"
          autoCapitalize="none"
          required
          withAsterisk={false}
          value={form.user}
          onChange={(event) => put({ user: event.currentTarget.value })}
        />
        <PasswordField
          label={t.people.setup.password}
          description={t.people.setup.passwordHint}
          value={form.password}
          error={isShort ? t.people.change.short : null}
          onChange={(password) => put({ password })}
        />
        <Button type="submit" size="md" loading={begin.isPending}>
          {t.people.setup.submit}
        </Button>
      </form>
    </Threshold>
  );
}

function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}
