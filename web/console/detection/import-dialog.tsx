import { Alert, Button, FileButton, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RuleImport } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { count } from '../../kit/numbers.ts';
import { wordsOf } from '../../kit/states.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';

/** Failed files named on screen; the rest is counted. */
const FAILED_SHOWN = 20;
const IMPORT_MS_MAX = 180_000;

export function ImportDialog({ opened, onShut }: { opened: boolean; onShut: () => void }): React.ReactNode {
  const client = useQueryClient();
  const words = t.detection.rules;
  const load = useMutation({
    mutationFn: (file: File) => call<RuleImport>('POST', '/rules/import', { body: file, timeoutMs: IMPORT_MS_MAX }),
    onSuccess: () => {
      for (const name of ['rules', 'coverage']) void client.invalidateQueries({ queryKey: [name] });
    },
  });
  return (
    <Dialog opened={opened} onShut={onShut} title={words.importTitle}>
      <Stack>
        <Text>{words.importLead}</Text>
        <FileButton accept=".tgz,.gz,.zip" onChange={(file) => file !== null && load.mutate(file)}>
          {(props) => (
            <Button {...props} loading={load.isPending}>
              {words.importPick}
            </Button>
          )}
        </FileButton>
        {load.isError && (
          <Alert color="red" role="alert" title={wordsOf(load.error).message}>
            {wordsOf(load.error).advice}
          </Alert>
        )}
        {load.data !== undefined && <Result result={load.data} />}
      </Stack>
    </Dialog>
  );
}

function Result({ result }: { result: RuleImport }): React.ReactNode {
  const words = t.detection.rules;
  return (
    <div role="status">
      <Text fw={600}>{words.imported(count(result.imported))}</Text>
      {result.licence !== null && (
        <Text c="dimmed">
          {words.licence}: {result.licence}
        </Text>
      )}
      {result.failed.length > 0 && (
        <>
          <Text mt={8}>{words.importFailed(count(result.failed.length))}</Text>
          <ul>
            {result.failed.slice(0, FAILED_SHOWN).map(({ file, reason }) => (
              <li key={file}>
                {file}: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
