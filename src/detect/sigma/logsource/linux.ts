import { entryOf } from '#kernel';
import { type FamilyRouter, type RouteFacts, aliasTable, byField, single } from './route.ts';

/** Services that syslog programs belong to; any other is plain syslog. */
const PROGRAM_SERVICES: Readonly<Record<string, readonly string[]>> = {
  sshd: ['sshd', 'auth'],
  'sshd-session': ['sshd', 'auth'],
  sudo: ['sudo', 'auth'],
  su: ['auth'],
  login: ['auth'],
  'systemd-logind': ['auth'],
  useradd: ['auth'],
  usermod: ['auth'],
  groupadd: ['auth'],
  passwd: ['auth'],
  pam: ['auth'],
  cron: ['cron'],
  crond: ['cron'],
  crontab: ['cron'],
  vsftpd: ['vsftpd'],
  clamd: ['clamav'],
  clamav: ['clamav'],
  freshclam: ['clamav'],
  guacd: ['guacamole'],
  guacamole: ['guacamole'],
  auditd: ['auditd'],
};

const SYSLOG_ALIASES = aliasTable({ USER: ['user', 'target_user'], COMMAND: ['command'], PWD: ['pwd'] });

function syslogFacts(program: string): RouteFacts {
  const name = program.replace(/\[\d+\]$/, '');
  return {
    products: ['linux'],
    services: [...(entryOf(PROGRAM_SERVICES, name) ?? []), 'syslog'],
    aliases: SYSLOG_ALIASES,
  };
}

const auditd = single({
  products: ['linux'],
  services: ['auditd'],
  aliases: aliasTable({ type: ['record_type'], SYSCALL: ['syscall_name', 'syscall'] }),
});

/** Linux logs: what a syslog program wrote, and the kernel's audit records. */
export const linuxRouters: Readonly<Record<string, FamilyRouter>> = {
  sshd: single(syslogFacts('sshd')),
  sudo: single(syslogFacts('sudo')),
  pam: single(syslogFacts('pam')),
  su: single(syslogFacts('su')),
  cron: single(syslogFacts('cron')),
  auditd,
  'linux-syslog': byField('program', syslogFacts),
};
