import { Button, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { encode } from 'uqr';
import type { TotpEnrolment } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { Panel } from '../../kit/page.tsx';
import { useSession } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import classes from './settings.module.css';

const QUIET_MODULES = 3;

/** Sets up an authenticator: the QR code is drawn here, so that the secret goes nowhere else. */
export function SecondFactor(): React.ReactNode {
  const { hasTotp } = useSession();
  const words = t.settings.account;
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const enrol = useMutation({
    mutationFn: () => call<TotpEnrolment>('POST', '/session/totp'),
    onError: (error: Error) => notifyFailure(error),
  });
  const confirm = useMutation({
    mutationFn: () => call('POST', '/session/totp/confirm', { body: { code: code.replaceAll(' ', '') } }),
    onSuccess: () => {
      enrol.reset();
      setCode('');
      notifyDone(words.factorDone);
      void client.invalidateQueries({ queryKey: ['session'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Panel title={words.factor}>
      <Text mb={12}>{hasTotp ? words.factorOn : words.factorOff}</Text>
      {enrol.data === undefined ? (
        <Button loading={enrol.isPending} variant={hasTotp ? 'default' : 'filled'} onClick={() => enrol.mutate()}>
          {hasTotp ? words.factorAgain : words.factorSetup}
        </Button>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate();
          }}
        >
          <Text>{words.factorScan}</Text>
          <QrCode text={enrol.data.uri} />
          <Text mb={6}>{words.factorType}</Text>
          <CodeBlock text={enrol.data.secret} label={words.factorType} />
          <TextInput
            mt={14}
            maw={220}
            label={words.factorCode}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button mt={12} type="submit" loading={confirm.isPending}>
            {words.factorConfirm}
          </Button>
        </form>
      )}
    </Panel>
  );
}

function QrCode({ text }: { text: string }): React.ReactNode {
  const { size, path } = useMemo(() => {
    const { data } = encode(text);
    const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: data.length, path: squares.join('') };
  }, [text]);
  const side = size + 2 * QUIET_MODULES;
  return (
    <svg
      className={classes.qr}
      viewBox={`${-QUIET_MODULES} ${-QUIET_MODULES} ${side} ${side}`}
      role="img"
      aria-label={t.settings.account.factorQr}
      shapeRendering="crispEdges"
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
