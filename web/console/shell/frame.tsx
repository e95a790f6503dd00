import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Suspense, lazy, useCallback } from 'react';
import type { StreamEvent } from '../../../src/console/api.ts';
import { useLiveData } from '../../kit/live.ts';
import { Mark } from '../../kit/mark.tsx';
import { Loading } from '../../kit/states.tsx';
import { useConnection } from '../../kit/stream.ts';
import { useSession } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import { AccountMenu } from './account-menu.tsx';
import classes from './frame.module.css';
import { Navigation } from './navigation.tsx';
import { PaletteButton } from './palette-button.tsx';
import { Shortcuts } from './shortcuts.tsx';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

/** What stands around every page: navigation, palette, account, and whether the server's events arrive. */
export function Frame(): React.ReactNode {
  const { hospital } = useSession();
  const [menu, setMenu] = useDisclosure(false);
  const navigate = useNavigate();
  const announce = useCallback(
    (event: StreamEvent) => {
      if (event.kind !== 'incident' || !event.isNew || !['high', 'critical'].includes(event.severity)) return;
      notifications.show({
        id: event.id,
        title: t.shell.newIncident(event.number),
        message: event.title,
        color: 'red',
        onClick: () => void navigate({ to: '/incidents/$id', params: { id: event.id } }),
      });
    },
    [navigate],
  );
  useLiveData(announce);

  return (
    <div className={classes.frame}>
      <a href="#page" className={classes.skip}>
        {t.shell.skip}
      </a>
      <aside className={classes.side}>
        <Brand hospital={hospital} />
        <Navigation />
      </aside>
      <Drawer
        opened={menu}
        onClose={setMenu.close}
        size={264}
        title={<Brand hospital={hospital} />}
        closeButtonProps={{ 'aria-label': t.common.close }}
      >
        <Navigation onGo={setMenu.close} />
      </Drawer>
      <div className={classes.body}>
        <header className={classes.top}>
          <Burger
            className={classes.burger}
            opened={menu}
            onClick={setMenu.toggle}
            size="sm"
            aria-label={t.shell.menu}
          />
          <PaletteButton />
          <div className={classes.spring} />
          <AccountMenu />
        </header>
        <ConnectionBar />
        <main id="page" className={classes.main} tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Suspense fallback={null}>
        <Palette />
      </Suspense>
      <Shortcuts />
    </div>
  );
}

function Brand({ hospital }: { hospital: string }): React.ReactNode {
  return (
    <div className={classes.brand}>
      <Mark size={28} />
      <div>
        <strong>{t.shell.product}</strong>
        <span title={hospital}>{hospital}</span>
      </div>
    </div>
  );
}

function ConnectionBar(): React.ReactNode {
  const isLost = useConnection() === 'lost';
  return (
    <div role="status" className={classes.lost} hidden={!isLost}>
      <IconPlugConnectedX size={18} aria-hidden />
      {isLost && t.shell.lost}
    </div>
  );
}
