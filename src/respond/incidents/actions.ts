import { isInternal } from './addresses.ts';
import { tacticsOf, techniquesOf } from './attack.ts';
import type { Action, EntityKind, Finding } from './types.ts';

/** Names that one sentence lists. */
const NAMES_MAX = 4;

/** What the findings that an advice is about name. */
interface Scene {
  users: string;
  devices: string;
  addresses: string;
  outside: string;
  patients: number;
  /** More than a few people take part: none of them is the one who acts. */
  isCrowd: boolean;
}

interface Advice {
  /** The findings that call for it. */
  fits: (finding: Finding) => boolean;
  action: (scene: Scene) => Action;
}

const shows =
  (...techniques: string[]) =>
  ({ rule }: Finding): boolean =>
    techniquesOf(rule.tags).some((one) => techniques.some((technique) => one.startsWith(technique)));

const aims =
  (...tactics: string[]) =>
  ({ rule }: Finding): boolean =>
    tacticsOf(rule.tags).some((one) => tactics.includes(one));

const isFromOutside = ({ entities }: Finding): boolean =>
  entities.some(({ kind, name }) => kind === 'address' && !isInternal(name));

/** In the order in which to do them: stop the damage, keep what restores, take away access, then look and tell. */
const ADVICE: readonly Advice[] = [
  {
    fits: shows('T1486', 'T1210'),
    action: ({ devices, addresses }) => ({
      text: `Pull the network cable of ${either(devices, addresses, 'the affected computers')} (or switch off the Wi-Fi there). Leave the power on.`,
      why: 'It stops the spread at once, and what is in memory stays for the investigation. If a device is attached to a patient, ask the ward first: care comes before all of this.',
    }),
  },
  {
    fits: shows('T1490', 'T1486', 'T1489'),
    action: () => ({
      text: 'Disconnect the backup disks and the backup server from the network, and check that one copy lies offline.',
      why: 'Whoever encrypts goes for the backups first; one good copy decides whether the hospital can come back.',
    }),
  },
  {
    fits: shows('T1219'),
    action: ({ users, devices }) => ({
      text: `Close the remote-control program on ${either(devices, '', 'the computer')}, pull its network cable${users === '' ? '' : `, and block the account ${users}`}.`,
      why: 'Somebody outside may steer this computer. Then call the vendor or person on a number that you already had.',
    }),
  },
  {
    fits: (finding) => isFromOutside(finding) && shows('T1078', 'T1133', 'T1213')(finding),
    action: ({ users, outside }) => ({
      text: `Block the account ${either(users, '', 'that signed in')}, end its sessions, and block ${outside} at the firewall.`,
      why: 'Somebody uses it from the internet. Call the person or vendor on a number that you already had: is a password stolen, or a device lost?',
    }),
  },
  {
    fits: shows('T1119'),
    action: ({ users, devices, addresses }) => ({
      text: `End the session of ${either(users, '', 'the account')} now, and take ${either(devices, addresses, 'the computer')} off the network.`,
      why: 'Records are read faster than a person reads: a program does it, and what it reads may be leaving. Look for large uploads from there.',
    }),
  },
  {
    fits: (finding) =>
      aims('credential-access')(finding) || shows('T1078', 'T1621', 'T1110', 'T1098', 'T1136')(finding),
    action: ({ users, devices }) => ({
      text: `Change the passwords and end all sessions of ${either(users, '', devices === '' ? 'the accounts in this incident' : `everybody who signed in to ${devices}`)}, administrators first.`,
      why: 'Stolen passwords work until they are changed; new ones must be set from a computer that is not part of this.',
    }),
  },
  {
    fits: (finding) => shows('T1213', 'T1119', 'T1005')(finding) || aims('collection')(finding),
    action: ({ users, patients, isCrowd }) => ({
      text: `Call the privacy officer${patients > 1 ? `: records of at least ${patients} patients were` : ': a patient record was'} opened${users === '' ? '' : ` by ${users}`}. ${isCrowd ? 'Do not speak to the staff yourself.' : 'Do not confront the person.'}`,
      why: isCrowd
        ? 'Only they can judge who of them had a reason to care; their shifts and wards tell most of it.'
        : 'Only they can judge whether there was a reason to care; and the account may be stolen.',
    }),
  },
  {
    fits: (finding) => shows('T1046', 'T1018')(finding) && !shows('T1210')(finding),
    action: ({ devices, addresses }) => ({
      text: `Find the device ${either(devices, addresses, 'behind the address')} and take it off the network, unless it is attached to a patient.`,
      why: 'It looks for what it could reach next.',
    }),
  },
  {
    fits: (finding) => shows('T1204', 'T1059', 'T1566')(finding) || aims('execution')(finding),
    action: ({ devices, users }) => ({
      text: `Take ${either(devices, '', 'the computer')} off the network, call ${either(users, '', 'its user')} and keep the document or message that was opened.`,
      why: 'It shows how they came in and whom else they wrote to.',
    }),
  },
];

/** The last ones, which rest on the incident as a whole. */
const CALL_FOR_HELP: Action = {
  text: 'Call your incident-response contact or insurer, and write down the time of each thing that you do.',
  why: 'The next hours are easier with people who have done it before, and the law will ask when you knew what.',
};
const NOTE_THE_DAY: Action = {
  text: 'Note today as the day on which it became known, and hand the list of patients to the privacy officer.',
  why: 'Legal clocks for telling patients and authorities may have begun (HIPAA: 60 days; GDPR: 72 hours).',
};
const ANYTHING: Action = {
  text: 'Open the timeline, look at the newest event, and ask the person or owner of the device whether it was them.',
  why: 'Most lone findings have an ordinary reason that somebody can tell at once. If so, judge it a false positive.',
};
/** From so many tactics on, it is more than one person can settle alone. */
const HELP_TACTICS = 3;

/** What to do now, in order. Each names whom and what the findings that call for it name. */
export function actionsFor(findings: readonly Finding[]): Action[] {
  const actions = ADVICE.flatMap(({ fits, action }) => {
    const fitting = findings.filter(fits);
    return fitting.length === 0 ? [] : [action(sceneOf(fitting))];
  });
  const tactics = new Set(findings.flatMap(({ rule }) => tacticsOf(rule.tags)));
  if (tactics.has('impact') || tactics.size >= HELP_TACTICS) actions.push(CALL_FOR_HELP);
  if (findings.some(({ patients }) => patients > 0)) actions.push(NOTE_THE_DAY);
  return actions.length > 0 ? actions : [ANYTHING];
}

function sceneOf(findings: readonly Finding[]): Scene {
  const addresses = namesOf(findings, 'address');
  const users = namesOf(findings, 'user');
  return {
    users: listed(users),
    devices: listed(namesOf(findings, 'device')),
    addresses: listed(addresses),
    outside: listed(addresses.filter((address) => !isInternal(address))),
    patients: Math.max(namesOf(findings, 'patient').length, ...findings.map(({ patients }) => patients)),
    isCrowd: users.length > NAMES_MAX,
  };
}

function namesOf(findings: readonly Finding[], kind: EntityKind): string[] {
  return [
    ...new Set(findings.flatMap(({ entities }) => entities.filter((one) => one.kind === kind).map(({ name }) => name))),
  ];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX);
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

function either(first: string, second: string, otherwise: string): string {
  if (first !== '') return first;
  return second === '' ? otherwise : second;
}
