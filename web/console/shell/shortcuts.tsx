import { Kbd } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useKeys } from '../../kit/keyboard.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';
import classes from './shortcuts.module.css';

/** The second key after g must come within this time, ms. */
const SECOND_KEY_MS = 1_200;

const PLACES: Readonly<Record<string, string>> = {
  o: '/',
  i: '/incidents',
  f: '/findings',
  e: '/events',
  h: '/hunt',
  s: '/sources',
  l: '/ledger',
};

/** Keys that work on every page, and the page that names them. */
export function Shortcuts(): React.ReactNode {
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const gAt = useRef(0);
  useKeys(({ key, timeStamp }) => {
    const place = PLACES[key];
    if (timeStamp - gAt.current < SECOND_KEY_MS && gAt.current > 0 && place !== undefined) {
      gAt.current = 0;
      void navigate({ to: place });
      return true;
    }
    gAt.current = key === 'g' ? timeStamp : 0;
    if (key === '?') setHelpOpen(true);
    const filter = key === '/' ? document.querySelector<HTMLInputElement>('[data-filter]') : null;
    filter?.focus();
    return key === '?' || filter !== null;
  });
  return (
    <Dialog opened={isHelpOpen} onShut={() => setHelpOpen(false)} title={t.shell.help}>
      <dl className={classes.keys}>
        {t.shell.keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
