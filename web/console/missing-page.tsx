import { IconMapOff } from '@tabler/icons-react';
import { Empty } from '../kit/states.tsx';
import { t } from '../text/index.ts';
import { ButtonLink } from '../kit/button-link.tsx';

export function MissingPage(): React.ReactNode {
  return (
    <Empty
      icon={<IconMapOff size={28} stroke={1.6} />}
      title={t.shell.missing.title}
      isPage
      advice={t.shell.missing.what}
    >
      <ButtonLink to="/" variant="default">
        {t.shell.missing.home}
      </ButtonLink>
    </Empty>
  );
}
