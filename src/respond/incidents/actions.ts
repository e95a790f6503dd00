import { isInternal } from './addresses.ts';
import { tacticsOf, techniquesOf } from './attack.ts';
import type { Action, EntityKind, Finding } from './types.ts';
import { NAMES_MAX } from './words/names.ts';
import type { Advice, IncidentWords, Scene } from './words/words.ts';

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

/** Which findings call for what; in the order in which to do it: stop the damage, keep what restores, take away access, then look and tell. */
const ADVICE: readonly (readonly [advice: Advice, fits: (finding: Finding) => boolean])[] = [
  ['isolate', shows('T1486', 'T1210')],
  ['keepBackups', shows('T1490', 'T1486', 'T1489')],
  ['endRemoteControl', shows('T1219')],
  ['blockAccount', (finding) => isFromOutside(finding) && shows('T1078', 'T1133', 'T1213')(finding)],
  ['endSession', shows('T1119')],
  [
    'changePasswords',
    (finding) => aims('credential-access')(finding) || shows('T1078', 'T1621', 'T1110', 'T1098', 'T1136')(finding),
  ],
  ['privacyOfficer', (finding) => shows('T1213', 'T1119', 'T1005')(finding) || aims('collection')(finding)],
  ['findDevice', (finding) => shows('T1046', 'T1018')(finding) && !shows('T1210')(finding)],
  ['keepDocument', (finding) => shows('T1204', 'T1059', 'T1566')(finding) || aims('execution')(finding)],
];

/** From so many tactics on, it is more than one person can settle alone. */
const HELP_TACTICS = 3;

/** What to do now, in order. Each names whom and what the findings that call for it name; the last rest on the incident as a whole. */
export function actionsFor(findings: readonly Finding[], words: IncidentWords): Action[] {
  const whole = sceneOf(findings);
  const actions = ADVICE.flatMap(([advice, fits]) => {
    const fitting = findings.filter(fits);
    return fitting.length === 0 ? [] : [words.actions[advice](sceneOf(fitting))];
  });
  const tactics = new Set(findings.flatMap(({ rule }) => tacticsOf(rule.tags)));
  if (tactics.has('impact') || tactics.size >= HELP_TACTICS) actions.push(words.actions.callForHelp(whole));
  if (findings.some(({ patients }) => patients > 0)) actions.push(words.actions.noteTheDay(whole));
  return actions.length > 0 ? actions : [words.actions.askAround(whole)];
}

function sceneOf(findings: readonly Finding[]): Scene {
  const addresses = namesOf(findings, 'address');
  const users = namesOf(findings, 'user');
  return {
    users,
    devices: namesOf(findings, 'device'),
    addresses,
    outside: addresses.filter((address) => !isInternal(address)),
    patients: Math.max(namesOf(findings, 'patient').length, ...findings.map(({ patients }) => patients)),
    isCrowd: users.length > NAMES_MAX,
  };
}

function namesOf(findings: readonly Finding[], kind: EntityKind): string[] {
  return [
    ...new Set(findings.flatMap(({ entities }) => entities.filter((one) => one.kind === kind).map(({ name }) => name))),
  ];
}
