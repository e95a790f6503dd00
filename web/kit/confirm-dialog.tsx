import { Button, Group, Text } from '@mantine/core';
import { t } from '../text/index.ts';
import { Dialog } from './dialog.tsx';

/** What is asked once more, and what follows. */
export interface Ask {
  /** Names the act, and whom or what it hits: `Remove: Firewall`. */
  title: string;
  text: string;
  /** On the button: the act alone. */
  act: string;
  onSure: () => void;
}

/** Asks once more before something that cannot be undone by a click; null while nothing is asked. */
export function ConfirmDialog({ ask, onShut }: { ask: Ask | null; onShut: () => void }): React.ReactNode {
  return (
    <Dialog opened={ask !== null} onShut={onShut} title={ask?.title ?? ''}>
      <Text mb={16}>{ask?.text}</Text>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onShut}>
          {t.common.cancel}
        </Button>
        <Button
          color="red.9"
          onClick={() => {
            ask?.onSure();
            onShut();
          }}
        >
          {ask?.act}
        </Button>
      </Group>
    </Dialog>
  );
}
