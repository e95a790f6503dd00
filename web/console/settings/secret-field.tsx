import { PasswordInput } from '@mantine/core';
import type { SecretName } from '../../../src/console/api.ts';
import { t } from '../../text/index.ts';
import type { SettingsForm } from './settings-page.tsx';

/** A secret: what the server has is never shown; empty keeps it. */
export function SecretField(props: { form: SettingsForm; name: SecretName; label: string }): React.ReactNode {
  const { form, name, label } = props;
  return (
    <PasswordInput
      label={label}
      autoComplete="off"
      {...(form.known.includes(name) && { description: t.settings.secretSet })}
      visibilityToggleButtonProps={{ 'aria-label': t.people.showPassword, tabIndex: 0, 'aria-hidden': false }}
      value={form.secrets[name] ?? ''}
      onChange={(event) => form.putSecret(name, event.currentTarget.value)}
    />
  );
}
