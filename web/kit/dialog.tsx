import { Modal, type ModalProps } from '@mantine/core';
import { t } from '../text/index.ts';

export interface DialogProps extends Pick<ModalProps, 'size' | 'closeOnClickOutside' | 'children'> {
  opened: boolean;
  title: string;
  onShut: () => void;
}

/** A question or form above the page; Escape and its cross close it. */
export function Dialog({ onShut, ...props }: DialogProps): React.ReactNode {
  return <Modal {...props} onClose={onShut} closeButtonProps={{ 'aria-label': t.common.close }} />;
}
