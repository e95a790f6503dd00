import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PasswordChange } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { wordsOf } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { PASSWORD_CHARS_MIN, PasswordField } from './new-password.tsx';
import { Threshold } from './threshold.tsx';
import classes from './threshold.module.css';

/** For an account whose password somebody else made. */
export function ChangePasswordPage(): React.ReactNode {
  const client = useQueryClient();
  return (
    <Threshold title={t.people.change.title} lead={t.people.change.lead}>
      <ChangePasswordForm onDone={() => void client.invalidateQueries({ queryKey: ['session'] })} />
    </Threshold>
  );
}

export function ChangePasswordForm({ onDone }: { onDone: () => void }): React.ReactNode {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: (request: PasswordChange) => call('POST', '/session/password', { body: request }),
    onSuccess: onDone,
  });
  const isShort = next !== '' && next.length < PASSWORD_CHARS_MIN;
  const differs = again !== '' && again !== next;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isShort && again === next) change.mutate({ current, next });
      }}
    >
      {change.isError && (
        <Alert color="red" role="alert" title={wordsOf(change.error).message}>
          {wordsOf(change.error).advice}
        </Alert>
      )}
      <PasswordField
        label={t.people.change.current}
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
      />
      <PasswordField
        label={t.people.change.next}
        description={t.people.setup.passwordHint}
        value={next}
        error={isShort ? t.people.change.short : null}
        onChange={setNext}
      />
      <PasswordField
        label={t.people.change.again}
        value={again}
        error={differs ? t.people.change.differ : null}
        onChange={setAgain}
      />
      <Button type="submit" loading={change.isPending}>
        {t.people.change.submit}
      </Button>
    </form>
  );
}
