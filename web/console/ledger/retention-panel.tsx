import { Alert, Button, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LedgerStatus, RetentionChange } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { count } from '../../kit/numbers.ts';
import { Facts, Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { t } from '../../text/index.ts';

type Retention = LedgerStatus['retention'];

const DAYS_MAX = 36_525;

/** For how many days bodies are kept, and where administrators change it. */
export function RetentionPanel({ retention }: { retention: Retention }): React.ReactNode {
  const words = t.ledger.retention;
  const isAdministrator = useRight('administer');
  const [isOpen, setIsOpen] = useState(false);
  const change = (
    <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
      {words.change}
    </Button>
  );
  return (
    <Panel title={words.title} aside={isAdministrator && change}>
      <Facts
        facts={[
          [words.record, words.days(count(retention.recordDays))],
          [words.telemetry, words.days(count(retention.telemetryDays))],
        ]}
      />
      <Dialog opened={isOpen} onShut={() => setIsOpen(false)} title={words.changeTitle}>
        <RetentionForm retention={retention} onDone={() => setIsOpen(false)} />
      </Dialog>
    </Panel>
  );
}

function RetentionForm({ retention, onDone }: { retention: Retention; onDone: () => void }): React.ReactNode {
  const words = t.ledger.retention;
  const client = useQueryClient();
  const [days, setDays] = useState<Retention>(retention);
  const save = useMutation({
    mutationFn: (body: RetentionChange) => call<LedgerStatus>('PATCH', '/ledger/retention', { body }),
    onSuccess: (status) => {
      client.setQueryData(['ledger'], status);
      notifyDone(words.done);
      onDone();
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const field = (name: keyof Retention, label: string, description: string): React.ReactNode => (
    <NumberInput
      label={label}
      description={description}
      required
      withAsterisk={false}
      min={1}
      max={DAYS_MAX}
      allowDecimal={false}
      thousandSeparator=" "
      hideControls
      value={days[name]}
      onChange={(value) => setDays((before) => ({ ...before, [name]: Number(value) }))}
    />
  );
  const isShorter = days.recordDays < retention.recordDays || days.telemetryDays < retention.telemetryDays;
  const isSame = days.recordDays === retention.recordDays && days.telemetryDays === retention.telemetryDays;
  const isWhole = Object.values(days).every((value) => value >= 1 && value <= DAYS_MAX);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(days);
      }}
    >
      <Stack>
        <Text>{words.lead}</Text>
        {field('recordDays', words.record, words.recordHint)}
        {field('telemetryDays', words.telemetry, words.telemetryHint)}
        {isShorter && isWhole && (
          <Alert color="red" role="status">
            {words.shorter}
          </Alert>
        )}
        <Button
          type="submit"
          disabled={isSame || !isWhole}
          loading={save.isPending}
          {...(isShorter && { color: 'red.9' })}
        >
          {isShorter ? words.shorterAct : t.common.save}
        </Button>
      </Stack>
    </form>
  );
}
