import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { HoldCreate, LedgerStatus } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { type Ask, ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { formatMoment } from '../../kit/moment.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import classes from './ledger.module.css';

type Hold = LedgerStatus['holds'][number];

/** Legal holds: what stands, and where administrators place and release one. */
export function HoldsPanel({ holds }: { holds: readonly Hold[] }): React.ReactNode {
  const words = t.ledger.holds;
  const isAdministrator = useRight('administer');
  const client = useQueryClient();
  const [isPlacing, setIsPlacing] = useState(false);
  const [ask, setAsk] = useState<Ask | null>(null);
  const release = useMutation({
    mutationFn: (name: string) => call<LedgerStatus>('DELETE', `/ledger/holds/${encodeURIComponent(name)}`),
    onSuccess: (status) => {
      client.setQueryData(['ledger'], status);
      notifyDone(words.released);
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const asking = (name: string): void =>
    setAsk({
      title: words.releaseTitle(name),
      text: words.releaseSure,
      act: words.release,
      onSure: () => release.mutate(name),
    });
  const place = (
    <Button variant="default" size="xs" onClick={() => setIsPlacing(true)}>
      {words.place}
    </Button>
  );
  return (
    <Panel title={words.title} aside={isAdministrator && place}>
      {holds.length === 0 ? (
        <Text c="dimmed">{words.none}</Text>
      ) : (
        <ul className={classes.holds}>
          {holds.map((hold) => (
            <li key={hold.id}>
              <HoldWords hold={hold} />
              {isAdministrator && (
                <Button
                  variant="default"
                  size="xs"
                  aria-label={words.releaseTitle(hold.id)}
                  onClick={() => asking(hold.id)}
                >
                  {words.release}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Dialog opened={isPlacing} onShut={() => setIsPlacing(false)} title={words.placeTitle}>
        <HoldForm onDone={() => setIsPlacing(false)} />
      </Dialog>
      <ConfirmDialog ask={ask} onShut={() => setAsk(null)} />
    </Panel>
  );
}

function HoldWords({ hold: { reason, fromMs, toMs } }: { hold: Hold }): React.ReactNode {
  const words = t.ledger.holds;
  return (
    <div className={classes.hold}>
      <div>{reason}</div>
      <Text c="dimmed" size="sm">
        {fromMs === null ? words.fromStart : formatMoment(fromMs, 'UTC', 'day')} –{' '}
        {toMs === null ? words.openEnd : formatMoment(toMs, 'UTC', 'day')}
      </Text>
    </div>
  );
}

function HoldForm({ onDone }: { onDone: () => void }): React.ReactNode {
  const words = t.ledger.holds;
  const client = useQueryClient();
  const [hold, setHold] = useState({ name: '', fromDay: '', toDay: '' });
  const place = useMutation({
    mutationFn: (body: HoldCreate) => call<LedgerStatus>('POST', '/ledger/holds', { body }),
    onSuccess: (status) => {
      client.setQueryData(['ledger'], status);
      notifyDone(words.placed);
      onDone();
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const day = (name: 'fromDay' | 'toDay', label: string, bounds: { min?: string; max?: string }): React.ReactNode => (
    <TextInput
      type="date"
      label={label}
      {...bounds}
      value={hold[name]}
      onChange={({ currentTarget: { value } }) => setHold((before) => ({ ...before, [name]: value }))}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        place.mutate({ name: hold.name.trim(), fromDay: hold.fromDay || null, toDay: hold.toDay || null });
      }}
    >
      <Stack>
        <Text>{words.lead}</Text>
        <TextInput
          label={words.name}
          description={words.nameHint}
          required
          withAsterisk={false}
          maxLength={120}
          value={hold.name}
          onChange={({ currentTarget: { value } }) => setHold((before) => ({ ...before, name: value }))}
        />
        <div className={classes.days}>
          {day('fromDay', words.from, hold.toDay === '' ? {} : { max: hold.toDay })}
          {day('toDay', words.to, hold.fromDay === '' ? {} : { min: hold.fromDay })}
        </div>
        <Text c="dimmed" size="sm">
          {words.dayHint}
        </Text>
        <Button type="submit" disabled={hold.name.trim() === ''} loading={place.isPending}>
          {words.place}
        </Button>
      </Stack>
    </form>
  );
}
