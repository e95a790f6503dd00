import type { Right, Role, TokenScope } from '../../../src/console/api.ts';

const roles: Record<Role, string> = {
  administrator: 'Administrator',
  analyst: 'Analyst',
  'privacy-officer': 'Privacy officer',
  'read-only': 'Read only',
};

const roleHints: Record<Role, string> = {
  administrator: 'everything: users, sources, settings, incidents',
  analyst: 'works on incidents, tunes rules, hunts',
  'privacy-officer': 'works on incidents and sees whom an event concerns',
  'read-only': 'looks and changes nothing',
};

const rights: Record<Right, string> = {
  read: 'read',
  respond: 'work on incidents',
  'see-patients': 'see patients',
  administer: 'administer',
};

const scopes: Record<TokenScope, string> = {
  read: 'Read',
  hunt: 'Hunt',
  respond: 'Respond',
  administer: 'Administer',
};

export const people = {
  roles,
  roleHints,
  rights,
  scopes,
  signIn: 'Sign in',
  user: 'User name',
  password: 'Password',
  code: 'Six digits from your authenticator',
  codeAdvice: 'Lost the device? An administrator can reset your second factor.',
  wrong: 'User name, password or code do not fit.',
  wrongAdvice: 'An administrator can reset your account.',
  slowDown: 'Too many attempts. Wait a minute, then try again.',
  showPassword: 'Show the password',
  verify: 'Continue',
  startOver: 'Another account',
  setup: {
    title: 'Set up Wardkeep',
    lead: 'Four answers, then the hospital is watched.',
    hospital: 'Name of the hospital',
    zone: 'Time zone',
    zoneHint: 'All times on screen are shown in it.',
    user: 'Your user name',
    password: 'Password',
    passwordHint: 'At least 12 characters. A few unrelated words are better than one odd one.',
    submit: 'Start',
    badTitle: 'This set-up link is not valid',
    bad: 'It has been used, or its time is over. On the server, run wardkeep up again, or wardkeep status, to get a new one.',
  },
  change: {
    title: 'Choose your own password',
    lead: 'Yours came from somebody else. It works until you choose another.',
    current: 'Current password',
    next: 'New password',
    again: 'New password once more',
    differ: 'The two are not the same.',
    short: 'At least 12 characters.',
    submit: 'Change the password',
    done: 'The password is changed. Other sessions of this account have ended.',
  },
};
