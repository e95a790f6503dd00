import { Button, Group, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SecretName, Settings, SettingsChange, SettingsValues } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { ForwardingForm } from './forwarding-form.tsx';
import { NotificationsForm } from './notifications-form.tsx';
import classes from './settings.module.css';

/** What all parts of the form share: the values being edited and the secrets typed. */
export interface SettingsForm {
  values: SettingsValues;
  put: (change: Partial<SettingsValues>) => void;
  /** Names of secrets that the server has. */
  known: readonly SecretName[];
  secrets: Partial<Record<SecretName, string>>;
  putSecret: (name: SecretName, value: string) => void;
}

export function SettingsPage(): React.ReactNode {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => get<Settings>('/settings', undefined, signal),
  });
  return (
    <Page title={t.settings.title} shape="text">
      <Loaded query={settings}>{(data) => <Editor key={JSON.stringify(data.values)} settings={data} />}</Loaded>
    </Page>
  );
}

function Editor({ settings }: { settings: Settings }): React.ReactNode {
  const client = useQueryClient();
  const [values, setValues] = useState(settings.values);
  const [secrets, setSecrets] = useState<SettingsForm['secrets']>({});
  const save = useMutation({
    mutationFn: (body: SettingsChange) => call<Settings>('PATCH', '/settings', { body }),
    onSuccess: (next) => {
      client.setQueryData(['settings'], next);
      void client.invalidateQueries({ queryKey: ['session'] });
      setSecrets({});
      notifyDone(t.settings.saved);
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const form: SettingsForm = {
    values,
    put: (change) => setValues((before) => ({ ...before, ...change })),
    known: settings.secrets,
    secrets,
    putSecret: (name, value) => setSecrets((before) => ({ ...before, [name]: value })),
  };
  const typed = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...values, ...(Object.keys(typed).length > 0 && { secrets: typed }) });
      }}
    >
      <Panel title={t.settings.hospital}>
        <div className={classes.pair}>
          <TextInput
            label={t.settings.name}
            required
            withAsterisk={false}
            value={values.hospital}
            onChange={(event) => form.put({ hospital: event.currentTarget.value })}
          />
          <Select
            label={t.settings.zone}
            searchable
            limit={200}
            allowDeselect={false}
            data={['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]}
            value={values.zone}
            onChange={(zone) => form.put({ zone: zone ?? 'UTC' })}
          />
        </div>
      </Panel>
      <NotificationsForm form={form} />
      <ForwardingForm form={form} />
      <Group justify="flex-end" className={classes.save}>
        <Button type="submit" loading={save.isPending}>
          {t.common.save}
        </Button>
      </Group>
      <Panel title={t.settings.server}>
        <Facts
          facts={[
            [t.settings.version, settings.version],
            [t.settings.dataDirectory, settings.dataDirectory],
          ]}
        />
      </Panel>
    </form>
  );
}
