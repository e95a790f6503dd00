import { Drawer } from '@mantine/core';
import { t } from '../../text/index.ts';
import { eventNumber } from './event-words.ts';
import { EventView } from './event-view.tsx';

/** An event beside the list that it was opened from. `index` is null while the drawer is shut. */
export function EvidenceDrawer({ index, onClose }: { index: string | null; onClose: () => void }): React.ReactNode {
  return (
    <Drawer
      opened={index !== null}
      onClose={onClose}
      position="right"
      size={560}
      title={<strong>{t.evidence.event(eventNumber(index ?? ''))}</strong>}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      {index !== null && <EventView index={index} />}
    </Drawer>
  );
}
