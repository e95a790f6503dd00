import { Button, Group, Modal, Text } from '@mantine/core';
import { t } from '../text/index.ts';

export interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  text: string;
  onShut: () => void;
  onSure: () => void;
}

/** Asks once more before something that cannot be undone by a click. */
export function ConfirmDialog({ opened, title, text, onShut, onSure }: ConfirmDialogProps): React.ReactNode {
  return (
    <Modal opened={opened} onClose={onShut} title={title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Text mb={16}>{text}</Text>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onShut}>
          {t.common.cancel}
        </Button>
        <Button
          color="red.9"
          onClick={() => {
            onSure();
            onShut();
          }}
        >
          {title}
        </Button>
      </Group>
    </Modal>
  );
}
