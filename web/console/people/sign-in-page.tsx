import { Alert, Button, PasswordInput, PinInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SecondFactorNeeded, Session, SignInRequest } from '../../../src/console/api.ts';
import { ApiError, call } from '../../kit/api.ts';
import { wordsOf } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { Threshold } from './threshold.tsx';
import classes from './threshold.module.css';

const CODE_DIGITS = 6;

/** Sign-in: name and password, then the authenticator's digits where the account has one. */
export function SignInPage(): React.ReactNode {
  const client = useQueryClient();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);

  const signIn = useMutation({
    mutationFn: (request: SignInRequest) => call<Session | SecondFactorNeeded>('POST', '/session', { body: request }),
    onSuccess: (answer) => {
      if ('needs' in answer) setNeedsCode(true);
      else client.setQueryData(['session'], answer);
    },
    onError: () => setCode(''),
  });

  const submit = (digits: string): void => signIn.mutate({ user, password, ...(needsCode && { code: digits }) });
  return (
    <Threshold title={t.people.signIn}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit(code);
        }}
      >
        {signIn.isError && (
          <Alert color="red" role="alert" title={refusal(signIn.error)}>
            {adviceOn(signIn.error)}
          </Alert>
        )}
        {needsCode ? (
          <>
            <Text component="label" id="code-label" fw={500}>
              {t.people.code}
            </Text>
            <PinInput
              length={CODE_DIGITS}
              type="number"
              oneTimeCode
              autoFocus
              value={code}
              onChange={setCode}
              onComplete={submit}
              getInputProps={(index) => ({ 'aria-label': `${t.people.code}, ${index + 1}/${CODE_DIGITS}` })}
              aria-labelledby="code-label"
            />
            <Text c="dimmed" size="xs">
              {t.people.codeAdvice}
            </Text>
          </>
        ) : (
          <>
            <TextInput
              label={t.people.user}
              name="user"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              required
              withAsterisk={false}
              value={user}
              onChange={(event) => setUser(event.currentTarget.value)}
            />
            <PasswordInput
              label={t.people.password}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ 'aria-label': t.people.showPassword, tabIndex: 0, 'aria-hidden': false }}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
        <Button type="submit" size="md" loading={signIn.isPending}>
          {needsCode ? t.people.verify : t.people.signIn}
        </Button>
        {needsCode && (
          <Button variant="subtle" onClick={() => setNeedsCode(false)}>
            {t.people.startOver}
          </Button>
        )}
      </form>
    </Threshold>
  );
}

/** The server's advice is in English; on a wrong sign-in the catalogue has its own. */
function adviceOn(error: Error): string | null {
  const isOurs = error instanceof ApiError && ['unauthenticated', 'rate_limited'].includes(error.code);
  return isOurs ? t.people.wrongAdvice : wordsOf(error).advice;
}

function refusal(error: Error): string {
  if (error instanceof ApiError && error.code === 'unauthenticated') return t.people.wrong;
  if (error instanceof ApiError && error.code === 'rate_limited') return t.people.slowDown;
  return wordsOf(error).message;
}
