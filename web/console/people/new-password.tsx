import { PasswordInput } from '@mantine/core';
import { t } from '../../text/index.ts';

/** The server asks for at least so many characters, too. */
export const PASSWORD_CHARS_MIN = 12;

export interface NewPasswordProps {
  label: string;
  description?: string;
  value: string;
  error?: string | null;
  autoComplete?: 'new-password' | 'current-password';
  onChange: (value: string) => void;
}

/** A password field that password managers understand. */
export function PasswordField(props: NewPasswordProps): React.ReactNode {
  const { label, description, value, error = null, autoComplete = 'new-password', onChange } = props;
  return (
    <PasswordInput
      label={label}
      {...(description !== undefined && { description })}
      autoComplete={autoComplete}
      required
      withAsterisk={false}
      visibilityToggleButtonProps={{ 'aria-label': t.people.showPassword, tabIndex: 0, 'aria-hidden': false }}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
