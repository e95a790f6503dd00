import { CopyButton, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { t } from '../text/index.ts';
import classes from './code-block.module.css';

/** Longest text that is drawn, characters; the copy has all of it. */
const DRAWN_CHARS_MAX = 200_000;

/** Text as it stands, to be read and copied. Never markup: hostile text stays text. */
export function CodeBlock({ text, label }: { text: string; label: string }): React.ReactNode {
  return (
    <div className={classes.block}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.copy} onClick={copy}>
            {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
            {copied ? t.common.copied : t.common.copy}
          </UnstyledButton>
        )}
      </CopyButton>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text.length > DRAWN_CHARS_MAX ? `${text.slice(0, DRAWN_CHARS_MAX)}…` : text}
      </pre>
    </div>
  );
}
