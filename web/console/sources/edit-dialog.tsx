import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SourceChange, SourceDetail } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { t } from '../../text/index.ts';
import { SourceForm } from './source-form.tsx';

/** Changes name, format, silence and zone of a source, and offers to put back what stood there. */
export function EditDialog(props: { source: SourceDetail; opened: boolean; onShut: () => void }): React.ReactNode {
  const { source, opened, onShut } = props;
  const words = t.sources;
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: SourceChange) =>
      call<SourceDetail>('PATCH', `/sources/${encodeURIComponent(source.id)}`, { body }),
    onSuccess: (changed) => {
      client.setQueryData(['source', source.id], changed);
      void client.invalidateQueries({ queryKey: ['sources'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  const { name, format, zone, silentAfterMs } = source;
  // The dialog is drawn anew with what was changed, and the page may be left before the undo: the answer is waited for here.
  const apply = (body: SourceChange, then: () => void): void =>
    void change.mutateAsync(body).then(then, () => undefined);
  const undo = (): void => apply({ name, format, zone, silentAfterMs }, () => notifyDone(t.common.undone));
  return (
    <Dialog opened={opened} onShut={onShut} title={`${words.edit}: ${name}`} size="lg">
      <SourceForm
        source={source}
        act={t.common.save}
        isPending={change.isPending}
        onSubmit={({ kind: _kind, ...values }) =>
          apply(values, () => {
            onShut();
            notifyDone(words.edited, undo);
          })
        }
      />
    </Dialog>
  );
}
