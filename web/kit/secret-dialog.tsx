import { Text } from '@mantine/core';
import { Dialog } from './dialog.tsx';
import { CodeBlock } from './code-block.tsx';

export interface SecretDialogProps {
  title: string;
  lead: string;
  /** Null while there is none to show. */
  secret: string | null;
  onShut: () => void;
  children?: React.ReactNode;
}

/** A token or first password, shown once; a click beside the dialog does not close it. */
export function SecretDialog({ title, lead, secret, onShut, children }: SecretDialogProps): React.ReactNode {
  return (
    <Dialog opened={secret !== null} onShut={onShut} title={title} size="lg" closeOnClickOutside={false}>
      <Text mb={12}>{lead}</Text>
      <CodeBlock text={secret ?? ''} label={title} />
      {children}
    </Dialog>
  );
}
