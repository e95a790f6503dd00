import { notifications } from '@mantine/notifications';
import { t } from '../text/index.ts';
import { wordsOf } from './states.tsx';

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

export function notifyDone(message: string): void {
  notifications.show({ message, closeButtonProps: { 'aria-label': t.common.close } });
}
