import { Button, NumberInput, Select, Switch, Text, TextInput, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Level, SettingsValues } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { LEVELS } from '../../kit/level.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { Panel } from '../../kit/page.tsx';
import { t } from '../../text/index.ts';
import { SecretField } from './secret-field.tsx';
import type { SettingsForm } from './settings-page.tsx';
import classes from './settings.module.css';

type Notifications = SettingsValues['notifications'];

const NEW_EMAIL: NonNullable<Notifications['email']> = {
  host: '',
  port: 587,
  secure: true,
  user: '',
  from: '',
  to: [],
};

/** Who is told, from which severity on, when not, and by which way. */
export function NotificationsForm({ form }: { form: SettingsForm }): React.ReactNode {
  const words = t.settings;
  const { notifications } = form.values;
  const put = (change: Partial<Notifications>): void => form.put({ notifications: { ...notifications, ...change } });
  return (
    <Panel title={words.notifications} aside={<TestButton />}>
      <Text c="dimmed" mb={14}>
        {words.notificationsLead}
      </Text>
      <div className={classes.stack}>
        <div className={classes.pair}>
          <Select
            label={words.from}
            description={words.fromHint}
            allowDeselect={false}
            data={LEVELS.map((value) => ({ value, label: t.common.levels[value] }))}
            value={notifications.from}
            onChange={(from) => put({ from: from as Level })}
          />
          <Hour
            label={words.digest}
            value={notifications.digestAt}
            switchLabel={words.digestOn}
            onChange={(digestAt) => put({ digestAt })}
          />
        </div>
        <Quiet quiet={notifications.quiet} onChange={(quiet) => put({ quiet })} />
        <Email form={form} email={notifications.email} onChange={(email) => put({ email })} />
        <div className={classes.part}>
          <Switch
            label={words.webhookOn}
            checked={notifications.webhook !== null}
            onChange={(event) => put({ webhook: event.currentTarget.checked ? { url: '' } : null })}
          />
          {notifications.webhook !== null && (
            <div className={classes.pair}>
              <TextInput
                label={words.url}
                type="url"
                required
                withAsterisk={false}
                value={notifications.webhook.url}
                onChange={(event) => put({ webhook: { url: event.currentTarget.value } })}
              />
              <SecretField form={form} name="webhook.secret" label={words.secret} />
            </div>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Hour(props: {
  label: string;
  switchLabel: string;
  value: string | null;
  onChange: (value: string | null) => void;
}): React.ReactNode {
  const { label, switchLabel, value, onChange } = props;
  return (
    <div className={classes.stack}>
      <Switch
        label={switchLabel}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? '07:00' : null)}
      />
      {value !== null && (
        <TextInput label={label} type="time" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
    </div>
  );
}

function Quiet(props: {
  quiet: Notifications['quiet'];
  onChange: (quiet: Notifications['quiet']) => void;
}): React.ReactNode {
  const { quiet, onChange } = props;
  const words = t.settings;
  return (
    <div className={classes.part}>
      <Switch
        label={words.quiet}
        description={words.quietHint}
        checked={quiet !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { from: '22:00', to: '06:00' } : null)}
      />
      {quiet !== null && (
        <div className={classes.pair}>
          <TextInput
            type="time"
            label={words.quietFrom}
            value={quiet.from}
            onChange={(event) => onChange({ ...quiet, from: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            label={words.quietTo}
            value={quiet.to}
            onChange={(event) => onChange({ ...quiet, to: event.currentTarget.value })}
          />
        </div>
      )}
    </div>
  );
}

function Email(props: {
  form: SettingsForm;
  email: Notifications['email'];
  onChange: (email: Notifications['email']) => void;
}): React.ReactNode {
  const { form, email, onChange } = props;
  const words = t.settings;
  const text = (name: 'host' | 'user' | 'from', label: string): React.ReactNode => (
    <TextInput
      label={label}
      value={email?.[name] ?? ''}
      onChange={(event) => onChange({ ...(email ?? NEW_EMAIL), [name]: event.currentTarget.value })}
    />
  );
  return (
    <div className={classes.part}>
      <Switch
        label={words.emailOn}
        checked={email !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? NEW_EMAIL : null)}
      />
      {email !== null && (
        <>
          <div className={classes.pair}>
            {text('host', words.host)}
            <NumberInput
              label={words.port}
              min={1}
              max={65_535}
              hideControls
              value={email.port}
              onChange={(port) => onChange({ ...email, port: Number(port) })}
            />
            {text('user', words.user)}
            <SecretField form={form} name="email.password" label={words.password} />
            {text('from', words.sender)}
            <Textarea
              label={words.to}
              autosize
              minRows={1}
              value={email.to.join('\n')}
              onChange={(event) => onChange({ ...email, to: event.currentTarget.value.split('\n') })}
              onBlur={() => onChange({ ...email, to: email.to.map((one) => one.trim()).filter((one) => one !== '') })}
            />
          </div>
          <Switch
            label={words.secure}
            checked={email.secure}
            onChange={(event) => onChange({ ...email, secure: event.currentTarget.checked })}
          />
        </>
      )}
    </div>
  );
}

function TestButton(): React.ReactNode {
  const test = useMutation({
    mutationFn: () => call<{ ok: boolean; problem: string | null }>('POST', '/settings/notifications/test'),
    onSuccess: ({ ok, problem }) =>
      notifyDone(ok ? t.settings.testOk : t.settings.testFailed(problem ?? t.common.unknown)),
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
      {t.settings.test}
    </Button>
  );
}
