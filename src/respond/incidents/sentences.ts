import { isIP } from 'node:net';
import { tacticsOf, techniquesOf } from './attack.ts';
import { isInternal } from './addresses.ts';
import type { Entity, EntityKind, Finding } from './types.ts';
import type { Facts, Happening, IncidentWords, Origin } from './words/words.ts';

type Told = Happening | ((facts: Facts, title: string) => Happening);

/** Technique (its sub-techniques included) → what is told of it. The first that fits a rule's tags is taken. */
const BY_TECHNIQUE: readonly (readonly [technique: string, told: Told])[] = [
  ['T1486', encrypted],
  ['T1490', restoreLost],
  ['T1685', 'protectionOff'],
  ['T1562', 'protectionOff'],
  ['T1003', 'passwordStore'],
  ['T1555', 'storedPasswords'],
  ['T1621', 'promptFlood'],
  ['T1110', 'passwordsTried'],
  ['T1219', 'remoteControl'],
  ['T1204', 'document'],
  ['T1210', 'fileSharing'],
  ['T1046', 'scan'],
  ['T1213', 'recordsOpened'],
  ['T1136', 'newAccount'],
  ['T1098', 'moreRights'],
  ['T1489', 'servicesStopped'],
  ['T1070', 'tracesWiped'],
  ['T1133', 'signIn'],
  ['T1078', 'unusualSignIn'],
  ['T1059', 'command'],
];

/** A count that tells of a program at work, not of a single file. */
const MANY_FILES = 50;

function encrypted({ count }: Facts, title: string): Happening {
  if (/ransom note/i.test(title)) return 'ransomNote';
  return count !== null && count >= MANY_FILES ? 'manyFilesChanged' : 'encrypted';
}

function restoreLost(_facts: Facts, title: string): Happening {
  if (/shadow cop/i.test(title)) return 'shadowCopies';
  if (/automatic repair/i.test(title)) return 'automaticRepair';
  return /backup catalogue/i.test(title) ? 'windowsBackups' : 'backups';
}

/** What a finding says happened, without time: `the password store of rad-ws03 was read`. Never more than the finding knows. */
export function sentenceOf(finding: Finding, words: IncidentWords): string {
  const { title, tags } = finding.rule;
  const techniques = techniquesOf(tags);
  const facts = factsOf(finding);
  const many = severalActors(finding);
  if (many && techniques.some((one) => one.startsWith('T1213')))
    return words.manyOpened(usersOf(finding).length, facts.patients);
  const fitting = BY_TECHNIQUE.find(([technique]) => techniques.some((one) => one.startsWith(technique)));
  if (fitting === undefined || many)
    return words.ruleMatched(title, one(finding, 'device') ?? one(finding, 'user') ?? one(finding, 'address'));
  const [, told] = fitting;
  return words.happenings[typeof told === 'string' ? told : told(facts, title)](facts);
}

function usersOf({ entities }: Finding): Entity[] {
  return entities.filter(({ kind }) => kind === 'user');
}

/** More than three people take part: none of them is the one who acts. */
function severalActors(finding: Finding): boolean {
  return usersOf(finding).length > 3;
}

function factsOf(finding: Finding): Facts {
  const address = one(finding, 'address');
  const device = one(finding, 'device');
  const value = finding.match['value'] ?? '';
  return {
    user: one(finding, 'user'),
    device,
    address,
    from: originOf(address, device),
    program: one(finding, 'process')?.replace(/^.*[\\/]/, '') ?? null,
    patients: finding.patients,
    count: /^\d{1,9}$/.test(value) ? Number(value) : null,
    isPasswordAlone: /without a second factor/i.test(finding.rule.title),
  };
}

function originOf(address: string | null, device: string | null): Origin | null {
  if (address === null || isIP(address) === 0) return device === null ? null : { isOutside: false, name: device };
  return isInternal(address) ? { isOutside: false, name: device ?? address } : { isOutside: true, address };
}

function one({ entities }: { entities: readonly Entity[] }, kind: EntityKind): string | null {
  return entities.find((entity) => entity.kind === kind)?.name ?? null;
}

export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The last tactic of a rule's tags: what it shows, rather than what led to it. */
export function tacticOf(finding: Pick<Finding, 'rule'>): string | null {
  return tacticsOf(finding.rule.tags).at(-1) ?? null;
}
