import { Button, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SourceCreate, SourceSecret } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { t } from '../../text/index.ts';
import { ButtonLink } from '../../kit/button-link.tsx';

/** Adds a system: its kind and name, then its token once, with the lines to paste. */
export function AddDialog({ opened, onShut }: { opened: boolean; onShut: () => void }): React.ReactNode {
  const words = t.sources;
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (body: SourceCreate) => call<SourceSecret>('POST', '/sources', { body }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['sources'] });
      void client.invalidateQueries({ queryKey: ['overview'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const shut = (): void => {
    create.reset();
    onShut();
  };
  return (
    <Modal
      opened={opened}
      onClose={shut}
      title={words.addTitle}
      size="lg"
      closeOnClickOutside={create.data === undefined}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      {create.data === undefined ? (
        <AddForm onSubmit={create.mutate} isPending={create.isPending} />
      ) : (
        <Added secret={create.data} />
      )}
    </Modal>
  );
}

function AddForm(props: { onSubmit: (body: SourceCreate) => void; isPending: boolean }): React.ReactNode {
  const words = t.sources;
  const [form, setForm] = useState({ kind: 'syslog', name: '', silentAfterMs: '3600000', zone: '' });
  const put = (change: Partial<typeof form>): void => setForm((before) => ({ ...before, ...change }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { kind, name, silentAfterMs, zone } = form;
        props.onSubmit({
          kind,
          name: name.trim(),
          format: 'auto',
          zone: zone === '' ? null : zone,
          silentAfterMs: silentAfterMs === '' ? null : Number(silentAfterMs),
        });
      }}
    >
      <Stack>
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
          data={Object.entries(words.silences).map(([value, label]) => ({ value, label }))}
          value={form.silentAfterMs}
          onChange={(value) => put({ silentAfterMs: value ?? '' })}
        />
        <TextInput
          label={words.zone}
          description={words.zoneHint}
          value={form.zone}
          onChange={(event) => put({ zone: event.currentTarget.value })}
        />
        <Button type="submit" loading={props.isPending}>
          {words.create}
        </Button>
      </Stack>
    </form>
  );
}

function Added({ secret }: { secret: SourceSecret }): React.ReactNode {
  const words = t.sources;
  const { source, token } = secret;
  return (
    <Stack>
      {token === null ? (
        <Text>{words.noToken}</Text>
      ) : (
        <div>
          <Text fw={600}>{words.tokenTitle}</Text>
          <Text mb={8}>{words.tokenLead}</Text>
          <CodeBlock text={token} label={words.tokenTitle} />
        </div>
      )}
      {source.snippets.map(({ title, text }) => (
        <div key={title}>
          <Text fw={600} mb={6}>
            {title}
          </Text>
          <CodeBlock text={text} label={title} />
        </div>
      ))}
      <ButtonLink to="/sources/$id" params={{ id: source.id }} variant="default">
        {words.toSource}
      </ButtonLink>
    </Stack>
  );
}
