import { Kbd, UnstyledButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { t } from '../../text/index.ts';
import classes from './palette-button.module.css';

/** Opens the palette, by keyboard too: the palette itself comes later, and a key pressed meanwhile must not be lost. */
export function PaletteButton(): React.ReactNode {
  useHotkeys([['mod+K', spotlight.open]]);
  return (
    <UnstyledButton className={classes.button} onClick={spotlight.open}>
      <IconSearch size={16} aria-hidden />
      <span className={classes.words}>{t.shell.palette}</span>
      <Kbd size="xs" className={classes.hint}>
        {t.shell.paletteHint}
      </Kbd>
    </UnstyledButton>
  );
}
