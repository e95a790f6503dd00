import { Alert, Button, MultiSelect, Select, Stack, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Incident, SuppressPreview, SuppressRequest, Suppression } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { count } from '../../kit/numbers.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';

const DAY_MS = 86_400_000;
const DAYS = ['1', '7', '30', '90'] as const;

/** Hides findings like those of an incident: of one rule, for chosen entities, until a date; shows first what it would hide. */
export function SuppressDialog(props: { opened: boolean; onShut: () => void; incident: Incident }): React.ReactNode {
  const { opened, onShut, incident } = props;
  const rules = [...new Map(incident.timeline.map(({ rule }) => [rule.id, rule.title]))];
  const [ruleId, setRuleId] = useState(rules[0]?.[0] ?? '');
  const [picked, setPicked] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const [days, setDays] = useState<string>('30');
  const path = `/incidents/${encodeURIComponent(incident.id)}/suppress`;
  const request = (): SuppressRequest => ({
    ruleId,
    entities: picked.flatMap((at) => {
      const entity = incident.entities[Number(at)];
      return entity === undefined ? [] : [{ kind: entity.kind, name: entity.name }];
    }),
    reason,
    expiresMs: Date.now() + Number(days) * DAY_MS,
  });
  const preview = useMutation({
    mutationFn: () => call<SuppressPreview>('POST', `${path}/preview`, { body: request() }),
    onError: notifyFailure,
  });
  const suppress = useMutation({
    mutationFn: () => call<Suppression>('POST', path, { body: request() }),
    onSuccess: () => {
      notifyDone(t.incidents.suppress.done);
      onShut();
    },
    onError: notifyFailure,
  });
  const changed = <T,>(set: (value: T) => void): ((value: T) => void) => {
    return (value) => {
      preview.reset();
      set(value);
    };
  };
  const words = t.incidents.suppress;
  const isWhole = picked.length > 0 && reason.trim() !== '' && ruleId !== '';
  return (
    <Dialog opened={opened} onShut={onShut} title={words.dialog} size="lg">
      <Stack>
        <span>{words.dialogLead}</span>
        <Select
          label={words.rule}
          allowDeselect={false}
          data={rules.map(([value, label]) => ({ value, label }))}
          value={ruleId}
          onChange={(value) => changed(setRuleId)(value ?? '')}
        />
        <MultiSelect
          label={words.entities}
          data={incident.entities.map(({ kind, name }, at) => ({
            value: String(at),
            label: `${t.incidents.entityKinds[kind] ?? kind}: ${name}`,
          }))}
          value={picked}
          onChange={changed(setPicked)}
        />
        <Textarea
          label={words.reason}
          description={words.reasonHint}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Select
          label={words.days}
          allowDeselect={false}
          data={DAYS.map((value) => ({ value, label: words.daysOf(value) }))}
          value={days}
          onChange={(value) => setDays(value ?? '30')}
        />
        {preview.data !== undefined && (
          <Alert
            color={preview.data.truePositives > 0 ? 'red' : 'gray'}
            title={words.hidden(count(preview.data.hidden))}
          >
            {preview.data.truePositives > 0 && words.hiddenTrue(count(preview.data.truePositives))}
          </Alert>
        )}
        {preview.data === undefined ? (
          <Button disabled={!isWhole} loading={preview.isPending} onClick={() => preview.mutate()}>
            {words.preview}
          </Button>
        ) : (
          <Button disabled={!isWhole} loading={suppress.isPending} onClick={() => suppress.mutate()}>
            {words.submit}
          </Button>
        )}
      </Stack>
    </Dialog>
  );
}
