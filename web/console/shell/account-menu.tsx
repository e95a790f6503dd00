import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconCheck, IconChevronDown, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { call } from '../../kit/api.ts';
import { useSession } from '../../kit/session.ts';
import { LANGUAGES, type Language, chooseLanguage, language, t } from '../../text/index.ts';
import classes from './account-menu.module.css';

const SCHEMES = ['auto', 'light', 'dark'] as const;

/** Who is signed in; colours, language, and the way out. */
export function AccountMenu(): React.ReactNode {
  const { user } = useSession();
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({
    mutationFn: () => call('DELETE', '/session'),
    onSettled: () => {
      client.clear();
      location.assign('/');
    },
  });
  const check = <IconCheck size={16} aria-hidden />;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton
          className={classes.button}
          aria-label={t.shell.signedInAs(user.name, t.people.roles[user.role] ?? user.role)}
        >
          <IconUserCircle size={22} stroke={1.6} aria-hidden />
          <span className={classes.name}>{user.name}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
          {t.shell.pages.account}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.shell.scheme}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={scheme === colorScheme ? check : null}
          >
            {t.shell.schemes[scheme]}
          </Menu.Item>
        ))}
        <Menu.Label>{t.shell.language}</Menu.Label>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <Menu.Item
            key={tag}
            lang={tag}
            onClick={() => chooseLanguage(tag as Language)}
            rightSection={tag === language() ? check : null}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
