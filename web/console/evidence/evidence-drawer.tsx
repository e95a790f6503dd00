import { Drawer } from '@mantine/core';
import { count } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';
import { EventView } from './event-view.tsx';

/** An event beside the list that it was opened from. `index` is null while the drawer is shut. */
export function EvidenceDrawer({ index, onClose }: { index: string | null; onClose: () => void }): React.ReactNode {
  const number = Number(index);
  return (
    <Drawer
      opened={index !== null}
      onClose={onClose}
      position="right"
      size={560}
      title={<strong>{t.evidence.event(Number.isSafeInteger(number) ? count(number) : (index ?? ''))}</strong>}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      {index !== null && <EventView index={index} />}
    </Drawer>
  );
}
