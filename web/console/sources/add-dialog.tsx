import { Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SourceCreate, SourceSecret } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';
import { ButtonLink } from '../../kit/button-link.tsx';
import { SourceForm } from './source-form.tsx';

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
    <Dialog
      opened={opened}
      onShut={shut}
      title={words.addTitle}
      size="lg"
      closeOnClickOutside={create.data === undefined}
    >
      {create.data === undefined ? (
        <SourceForm
          act={words.create}
          isPending={create.isPending}
          onSubmit={({ kind, ...rest }) => create.mutate({ kind, ...rest })}
        />
      ) : (
        <Added secret={create.data} />
      )}
    </Dialog>
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
