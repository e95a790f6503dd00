import { Modal, Text } from '@mantine/core';
import { t } from '../text/index.ts';
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
    <Modal
      opened={secret !== null}
      onClose={onShut}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      <Text mb={12}>{lead}</Text>
      <CodeBlock text={secret ?? ''} label={title} />
      {children}
    </Modal>
  );
}
