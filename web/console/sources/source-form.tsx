import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SourceCreate, SourceDetail } from '../../../src/console/api.ts';
import { duration } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';

export interface SourceFormProps {
  /** The source that is changed; its kind stays. Without one, a new source is made. */
  source?: SourceDetail;
  /** On the button. */
  act: string;
  isPending: boolean;
  onSubmit: (values: Required<SourceCreate>) => void;
}

/** Kind, name, format, silence and zone of a source. */
export function SourceForm({ source, act, isPending, onSubmit }: SourceFormProps): React.ReactNode {
  const words = t.sources;
  const [form, setForm] = useState(() => startOf(source));
  const put = (change: Partial<typeof form>): void => setForm((before) => ({ ...before, ...change }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { kind, name, format, silentAfterMs, zone } = form;
        onSubmit({
          kind,
          name: name.trim(),
          format: format.trim() || 'auto',
          zone: zone.trim() || null,
          silentAfterMs: silentAfterMs === '' ? null : Number(silentAfterMs),
        });
      }}
    >
      <Stack>
        {source === undefined && (
          <Select
            label={words.kind}
            description={words.kindHints[form.kind]}
            allowDeselect={false}
            data={Object.entries(words.kinds)
              .filter(([value]) => value !== 'file')
              .map(([value, label]) => ({ value, label }))}
            value={form.kind}
            onChange={(kind) => put({ kind: kind ?? 'syslog' })}
          />
        )}
        <TextInput
          label={words.name}
          description={words.nameHint}
          required
          withAsterisk={false}
          maxLength={100}
          value={form.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        <Select
          label={words.silentAfter}
          clearable
          placeholder={words.never}
          data={silences(form.silentAfterMs)}
          value={form.silentAfterMs}
          onChange={(value) => put({ silentAfterMs: value ?? '' })}
        />
        <TextInput
          label={words.format}
          description={words.formatHint}
          maxLength={64}
          value={form.format}
          onChange={(event) => put({ format: event.currentTarget.value })}
        />
        <TextInput
          label={words.zone}
          description={words.zoneHint}
          value={form.zone}
          onChange={(event) => put({ zone: event.currentTarget.value })}
        />
        <Button type="submit" disabled={form.name.trim() === ''} loading={isPending}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}

function startOf(source: SourceDetail | undefined) {
  if (source === undefined) return { kind: 'syslog', name: '', format: 'auto', silentAfterMs: '3600000', zone: '' };
  const { kind, name, format, silentAfterMs, zone } = source;
  return { kind, name, format, silentAfterMs: silentAfterMs === null ? '' : String(silentAfterMs), zone: zone ?? '' };
}

/** The usual ones, and the one that is set where it is none of them. */
function silences(set: string): { value: string; label: string }[] {
  const usual = Object.entries(t.sources.silences).map(([value, label]) => ({ value, label }));
  const isUsual = set === '' || usual.some(({ value }) => value === set);
  return isUsual ? usual : [...usual, { value: set, label: duration(Number(set)) }];
}
