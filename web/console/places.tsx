import { IconHelpHexagon, IconLifebuoy } from '@tabler/icons-react';
import { Page, Panel } from '../kit/page.tsx';
import { Empty } from '../kit/states.tsx';
import { t } from '../text/index.ts';

/** A function of the framework that has no room yet: says so, and what helps until then. */
function Place({ name, icon }: { name: 'identify' | 'recover'; icon: React.ReactNode }): React.ReactNode {
  const { title, what, now } = t.shell.places[name];
  return (
    <Page title={title} lead={t.shell.notYet} shape="text">
      <Panel>
        <Empty icon={icon} title={what} advice={now} />
      </Panel>
    </Page>
  );
}

export function IdentifyPage(): React.ReactNode {
  return <Place name="identify" icon={<IconHelpHexagon size={28} stroke={1.6} />} />;
}

export function RecoverPage(): React.ReactNode {
  return <Place name="recover" icon={<IconLifebuoy size={28} stroke={1.6} />} />;
}
