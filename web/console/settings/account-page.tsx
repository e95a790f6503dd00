import { Button } from '@mantine/core';
import { useState } from 'react';
import { notifyDone } from '../../kit/notify.tsx';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { useSession } from '../../kit/session.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';
import { ChangePasswordForm } from '../people/change-password-page.tsx';
import { SecondFactor } from './second-factor.tsx';
import classes from './settings.module.css';

/** One's own password, second factor and rights. */
export function AccountPage(): React.ReactNode {
  const { user, rights } = useSession();
  const words = t.settings.account;
  const [isChanging, setChanging] = useState(false);
  return (
    <Page title={words.title} lead={user.name} shape="text">
      <div className={classes.form}>
        <Panel>
          <Facts
            facts={[
              [words.role, t.people.roles[user.role] ?? user.role],
              [words.rights, rights.map((right) => t.people.rights[right] ?? right).join(', ')],
            ]}
          />
        </Panel>
        <Panel title={words.password}>
          <Button variant="default" onClick={() => setChanging(true)}>
            {words.passwordDo}
          </Button>
          <Dialog opened={isChanging} onShut={() => setChanging(false)} title={words.passwordDo}>
            <ChangePasswordForm
              onDone={() => {
                setChanging(false);
                notifyDone(t.people.change.done);
              }}
            />
          </Dialog>
        </Panel>
        <SecondFactor />
      </div>
    </Page>
  );
}
