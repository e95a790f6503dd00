import { tacticsOfAll } from './account.ts';
import { techniquesOf } from './attack.ts';
import type { Action, EntityKind, Finding } from './types.ts';

/** Names that one sentence lists. */
const NAMES_MAX = 4;

interface Scene {
  techniques: ReadonlySet<string>;
  tactics: ReadonlySet<string>;
  users: string;
  devices: string;
  addresses: string;
  patients: number;
}

interface Advice {
  when: (scene: Scene) => boolean;
  action: (scene: Scene) => Action;
}

const has = (scene: Scene, ...techniques: string[]): boolean =>
  techniques.some((technique) => [...scene.techniques].some((one) => one.startsWith(technique)));

/** In the order in which to do them: stop the damage, keep what restores, take away access, then look and tell. */
const ADVICE: readonly Advice[] = [
  {
    when: (scene) => has(scene, 'T1486', 'T1210'),
    action: ({ devices, addresses }) => ({
      text: `Pull the network cable of ${either(devices, addresses, 'the affected computers')} (or switch off their Wi-Fi). Leave the power on.`,
      why: 'It stops the spread at once, and what is in memory stays for the investigation. If a device is attached to a patient, ask the ward first: care comes before all of this.',
    }),
  },
  {
    when: (scene) => has(scene, 'T1490', 'T1486', 'T1489'),
    action: () => ({
      text: 'Disconnect the backup disks and the backup server from the network, and check that one copy lies offline.',
      why: 'Whoever encrypts goes for the backups first; one good copy decides whether the hospital can come back.',
    }),
  },
  {
    when: (scene) => has(scene, 'T1219', 'T1133'),
    action: ({ users, devices }) => ({
      text: `End the remote session: block the account ${either(users, '', 'that signed in')} and close the remote program${devices === '' ? '' : ` on ${devices}`}.`,
      why: 'Somebody outside steers a computer inside. Then call the vendor or person on a number that you already had.',
    }),
  },
  {
    when: (scene) => scene.tactics.has('credential-access') || has(scene, 'T1078', 'T1621', 'T1110', 'T1098', 'T1136'),
    action: ({ users }) => ({
      text: `Change the passwords and end all sessions of ${either(users, '', 'the accounts in this incident')}, administrators first.`,
      why: 'Stolen passwords work until they are changed; new ones must be set from a computer that is not part of this.',
    }),
  },
  {
    when: (scene) => has(scene, 'T1213', 'T1119', 'T1005') || scene.tactics.has('collection'),
    action: ({ users, patients }) => ({
      text: `Tell the privacy officer which records were opened${patients > 1 ? ` (at least ${patients} patients)` : ''}${users === '' ? '' : ` by ${users}`}, and suspend the session when it goes on.`,
      why: 'Only they can judge whether there was a reason to care. Do not confront the person: the account may be stolen.',
    }),
  },
  {
    when: (scene) => has(scene, 'T1046', 'T1018') || scene.tactics.has('discovery'),
    action: ({ devices, addresses }) => ({
      text: `Find the device behind ${either(addresses, devices, 'the address')} and take it off the network, unless it is attached to a patient.`,
      why: 'It looks for what it could reach next.',
    }),
  },
  {
    when: (scene) => has(scene, 'T1204', 'T1059', 'T1566') || scene.tactics.has('execution'),
    action: ({ devices, users }) => ({
      text: `Take ${either(devices, '', 'the computer')} off the network and keep the document or message that ${either(users, '', 'the user')} opened.`,
      why: 'It shows how they came in and whom else they wrote to.',
    }),
  },
  {
    when: (scene) => scene.tactics.has('impact') || scene.tactics.size >= 3,
    action: () => ({
      text: 'Call your incident-response contact or insurer, and write down the time of each thing that you do.',
      why: 'The next hours are easier with people who have done it before, and the law will ask when you knew what.',
    }),
  },
  {
    when: ({ patients }) => patients > 0,
    action: () => ({
      text: 'Note today as the day on which it became known, and hand the list of patients to the privacy officer.',
      why: 'Legal clocks for telling patients and authorities may have begun (HIPAA: 60 days; GDPR: 72 hours).',
    }),
  },
];

const ANYTHING: Action = {
  text: 'Open the timeline, look at the newest event, and ask the person or owner of the device whether it was them.',
  why: 'Most lone findings have an ordinary reason that somebody can tell at once. If so, judge it a false positive.',
};

/** What to do now, in order. */
export function actionsFor(findings: readonly Finding[]): Action[] {
  const scene: Scene = {
    techniques: new Set(findings.flatMap(({ rule }) => techniquesOf(rule.tags))),
    tactics: new Set(tacticsOfAll(findings)),
    users: namesOf(findings, 'user'),
    devices: namesOf(findings, 'device'),
    addresses: namesOf(findings, 'address'),
    patients: findings.reduce((most, { patients }) => Math.max(most, patients), 0),
  };
  const fitting = ADVICE.filter(({ when }) => when(scene)).map(({ action }) => action(scene));
  return fitting.length > 0 ? fitting : [ANYTHING];
}

function namesOf(findings: readonly Finding[], kind: EntityKind): string {
  const names = new Set(
    findings.flatMap(({ entities }) => entities.filter((one) => one.kind === kind).map(({ name }) => name)),
  );
  const shown = [...names].slice(0, NAMES_MAX);
  const left = names.size - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

function either(first: string, second: string, otherwise: string): string {
  if (first !== '') return first;
  return second === '' ? otherwise : second;
}
