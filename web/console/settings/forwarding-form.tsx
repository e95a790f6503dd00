import { Select, Switch, Text, TextInput } from '@mantine/core';
import type { SettingsValues } from '../../../src/console/api.ts';
import { Panel } from '../../kit/page.tsx';
import { t } from '../../text/index.ts';
import { SecretField } from './secret-field.tsx';
import type { SettingsForm } from './settings-page.tsx';
import classes from './settings.module.css';

type Forwarding = NonNullable<SettingsValues['forwarding']>;

const NEW_FORWARDING: Forwarding = { kind: 'syslog-cef', target: '', what: 'findings' };

/** Findings or events to a SIEM that is there already. */
export function ForwardingForm({ form }: { form: SettingsForm }): React.ReactNode {
  const words = t.settings;
  const { forwarding } = form.values;
  const put = (change: Partial<Forwarding>): void =>
    form.put({ forwarding: { ...(forwarding ?? NEW_FORWARDING), ...change } });
  return (
    <Panel title={words.forwarding}>
      <Text c="dimmed" mb={14}>
        {words.forwardingLead}
      </Text>
      <div className={classes.stack}>
        <Switch
          label={words.forwardingOn}
          checked={forwarding !== null}
          onChange={(event) => form.put({ forwarding: event.currentTarget.checked ? NEW_FORWARDING : null })}
        />
        {forwarding !== null && (
          <div className={classes.pair}>
            <Select
              label={words.kind}
              allowDeselect={false}
              data={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
              value={forwarding.kind}
              onChange={(kind) => put({ kind: kind as Forwarding['kind'] })}
            />
            <Select
              label={words.what}
              allowDeselect={false}
              data={Object.entries(words.whats).map(([value, label]) => ({ value, label }))}
              value={forwarding.what}
              onChange={(what) => put({ what: what as Forwarding['what'] })}
            />
            <TextInput
              label={words.target}
              description={words.targetHint}
              required
              withAsterisk={false}
              value={forwarding.target}
              onChange={(event) => put({ target: event.currentTarget.value })}
            />
            {forwarding.kind === 'ocsf-http' && <SecretField form={form} name="forwarding.token" label={words.token} />}
          </div>
        )}
      </div>
    </Panel>
  );
}
