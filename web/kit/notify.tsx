import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { t } from '../text/index.ts';
import { wordsOf } from './states.tsx';

/** How long an act can be undone by its notice, ms. */
const UNDO_MS = 12_000;

/** Says that something the user asked for did not happen, and what to do. */
export function notifyFailure(error: unknown): void {
  const { message, advice } = wordsOf(error);
  notifications.show({
    color: 'red',
    title: t.common.problem.actionFailed,
    message: advice === null ? message : `${message} ${advice}`,
    closeButtonProps: { 'aria-label': t.common.close },
  });
}

/** Says that something is done; with `undo` it offers to take it back for a while. */
export function notifyDone(message: string, undo?: () => void): void {
  if (undo === undefined) {
    notifications.show({ message, closeButtonProps: { 'aria-label': t.common.close } });
    return;
  }
  const id = notifications.show({
    autoClose: UNDO_MS,
    closeButtonProps: { 'aria-label': t.common.close },
    message: (
      <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 12 }}>
        <span style={{ overflowWrap: 'anywhere' }}>{message}</span>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {t.common.undo}
        </Button>
      </span>
    ),
  });
}
