import { isIP } from 'node:net';
import { tacticsOf, techniquesOf } from './attack.ts';
import { isInternal } from './addresses.ts';
import type { Entity, EntityKind, Finding } from './types.ts';

interface Words {
  /** `the account p.gruber`; null where the finding names nobody. */
  who: string | null;
  /** ` by the account p.gruber` or nothing. */
  by: string;
  where: string;
  /** ` from the internet (203.0.113.80)`, ` from 10.20.1.91` or nothing. */
  from: string;
  /** What acts where no account is named. */
  device: string;
  patients: number;
  /** What a correlation counted; null elsewhere. */
  count: number | null;
  title: string;
  program: string;
}

type Sentence = (words: Words) => string;

/** Technique (its sub-techniques included) → what happened, in words. The first that fits a rule's tags is taken. */
const BY_TECHNIQUE: readonly (readonly [technique: string, sentence: Sentence])[] = [
  ['T1486', encrypted],
  ['T1490', restoreLost],
  ['T1685', ({ where }) => `virus protection or recording on ${where} was switched off`],
  ['T1562', ({ where }) => `virus protection or recording on ${where} was switched off`],
  ['T1003', ({ where, by }) => `the password store of ${where} was read${by}`],
  ['T1555', ({ where, by }) => `stored passwords on ${where} were read${by}`],
  ['T1621', ({ who, from }) => `${who ?? 'an account'} was flooded with sign-in prompts until one was approved${from}`],
  ['T1110', ({ from }) => `passwords of many accounts were tried${from}`],
  ['T1219', ({ where, by, program }) => `a remote-control program${program} was started on ${where}${by}`],
  [
    'T1204',
    ({ where, who }) => `a document${who === null ? '' : ` that ${who} opened`} on ${where} started a hidden program`,
  ],
  ['T1210', ({ device, count }) => `${device} tried the file sharing of ${count ?? 'many'} others`],
  ['T1046', ({ device, count }) => `${device} tried to reach ${count === null ? '' : `${count} `}other devices`],
  ['T1213', ({ who, from, patients }) => `${who ?? 'somebody'} opened ${recordsOf(patients)}${from}`],
  ['T1136', ({ where, by }) => `a new account was made on ${where}${by}`],
  ['T1098', ({ where, by }) => `an account on ${where} was given more rights${by}`],
  ['T1489', ({ where }) => `important services on ${where} were stopped`],
  ['T1070', ({ where }) => `traces on ${where} were wiped`],
  ['T1133', ({ who, from, title }) => `${who ?? 'somebody'} signed in${from}${factor(title)}`],
  ['T1078', ({ who, from, title }) => `${who ?? 'somebody'} signed in in an unusual way${from}${factor(title)}`],
  ['T1059', ({ where, by }) => `a suspicious command ran on ${where}${by}`],
];

/** A count that tells of a program at work, not of a single file. */
const MANY_FILES = 50;

function encrypted({ where, count, title }: Words): string {
  if (/ransom note/i.test(title)) return `a ransom note was left on ${where}`;
  if (count !== null && count >= MANY_FILES)
    return `one program changed ${count} files on ${where}, as encryption does`;
  return `files on ${where} were encrypted in large numbers`;
}

function restoreLost({ where, title }: Words): string {
  if (/shadow cop/i.test(title)) return `the shadow copies of ${where} were deleted`;
  if (/automatic repair/i.test(title)) return `automatic repair of ${where} was switched off`;
  if (/backup catalogue/i.test(title)) return `the Windows backups of ${where} were deleted`;
  return `backups or restore points of ${where} were destroyed`;
}

function factor(title: string): string {
  return /without a second factor/i.test(title) ? ' with a password alone' : '';
}

function recordsOf(patients: number): string {
  return patients > 1 ? `the records of ${patients} patients` : 'a patient record';
}

/** What a finding says happened, without time: `the password store of rad-ws03 was read`. Never more than the finding knows. */
export function sentenceOf(finding: Finding): string {
  const techniques = techniquesOf(finding.rule.tags);
  const words = wordsOf(finding);
  const many = severalActors(finding);
  if (many && techniques.some((one) => one.startsWith('T1213')))
    return `${usersOf(finding).length} people opened ${recordsOf(words.patients)}`;
  const fitting = BY_TECHNIQUE.find(([technique]) => techniques.some((one) => one.startsWith(technique)));
  if (fitting !== undefined && !many) return fitting[1](words);
  const place = one(finding, 'device') ?? one(finding, 'user') ?? one(finding, 'address');
  return `the rule \u201C${finding.rule.title}\u201D matched${place === null ? '' : ` on ${place}`}`;
}

function usersOf({ entities }: Finding): Entity[] {
  return entities.filter(({ kind }) => kind === 'user');
}

/** More than three people take part: none of them is the one who acts. */
function severalActors(finding: Finding): boolean {
  return usersOf(finding).length > 3;
}

function wordsOf(finding: Finding): Words {
  const address = one(finding, 'address');
  const device = one(finding, 'device');
  const user = one(finding, 'user');
  const who = user === null ? null : `the account ${user}`;
  const program = one(finding, 'process')?.replace(/^.*[\\/]/, '') ?? null;
  const value = finding.match['value'] ?? '';
  return {
    who,
    by: who === null ? '' : ` by ${who}`,
    where: device ?? address ?? 'a computer',
    from: fromText(address, device),
    device: device ?? (address === null ? 'a device' : `the device ${address}`),
    patients: finding.patients,
    count: /^\d{1,9}$/.test(value) ? Number(value) : null,
    title: finding.rule.title,
    program: program === null ? '' : ` (${program})`,
  };
}

function fromText(address: string | null, device: string | null): string {
  if (address === null || isIP(address) === 0) return device === null ? '' : ` from ${device}`;
  return isInternal(address) ? ` from ${device ?? address}` : ` from the internet (${address})`;
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
