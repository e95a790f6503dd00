import { tacticsOf, techniquesOf } from './attack.ts';
import type { Entity, EntityKind, Finding } from './types.ts';

interface Words {
  who: string;
  where: string;
  from: string;
  patients: number;
  total: number;
}

/** Technique (its sub-techniques included) → what happened, in words. The first that fits a rule's tags is taken. */
const BY_TECHNIQUE: readonly (readonly [technique: string, sentence: (words: Words) => string])[] = [
  ['T1486', ({ where }) => `files on ${where} were encrypted in large numbers`],
  ['T1490', ({ where }) => `backups or restore points on ${where} were destroyed`],
  ['T1003', ({ where }) => `the password store of ${where} was read`],
  ['T1555', ({ where }) => `stored passwords on ${where} were read`],
  ['T1621', ({ who, from }) => `${who} was flooded with sign-in prompts until one was approved${from}`],
  ['T1110', ({ from }) => `passwords of many accounts were tried${from}`],
  ['T1219', ({ who, where }) => `a remote-control program was started on ${where} by ${who}`],
  ['T1204', ({ where }) => `a document on ${where} started a hidden program`],
  ['T1210', ({ from }) => `the file-sharing service of many other devices was tried${from}`],
  ['T1046', ({ from }) => `many other devices were tried${from}`],
  ['T1213', ({ who, from, patients }) => `${who} opened ${recordsOf(patients)}${from}`],
  ['T1136', ({ where }) => `a new account was made on ${where}`],
  ['T1098', ({ where }) => `an account on ${where} was given more rights`],
  ['T1489', ({ where }) => `important services on ${where} were stopped`],
  ['T1070', ({ where }) => `traces on ${where} were wiped`],
  ['T1133', ({ who, from }) => `${who} signed in from outside${from}`],
  ['T1078', ({ who, from }) => `${who} signed in in an unusual way${from}`],
  ['T1059', ({ where, who }) => `a suspicious command ran on ${where} under ${who}`],
];

function recordsOf(patients: number): string {
  return patients > 1 ? `the records of ${patients} patients` : 'a patient record';
}

/** What a finding says happened, without time: `the password store of rad-ws03 was read`. Never more than the finding knows. */
export function sentenceOf(finding: Finding): string {
  const techniques = techniquesOf(finding.rule.tags);
  const fitting = BY_TECHNIQUE.find(([technique]) => techniques.some((one) => one.startsWith(technique)));
  const words = wordsOf(finding);
  const many = severalActors(finding);
  if (fitting !== undefined && !many) return fitting[1](words);
  if (many && techniques.some((one) => one.startsWith('T1213')))
    return `many people opened ${recordsOf(words.patients)}`;
  const place = one(finding, 'device') ?? one(finding, 'user') ?? one(finding, 'address');
  return place === null ? lowerFirst(finding.rule.title) : `${lowerFirst(finding.rule.title)} (${place})`;
}

/** More than three people take part: none of them is the one who acts. */
function severalActors(finding: Finding): boolean {
  return finding.entities.filter(({ kind }) => kind === 'user').length > 3;
}

function wordsOf(finding: Finding): Words {
  const address = one(finding, 'address');
  const device = one(finding, 'device');
  return {
    who: one(finding, 'user') ?? 'somebody',
    where: device ?? address ?? 'a computer',
    from: address === null ? (device === null ? '' : ` from ${device}`) : ` from ${address}`,
    patients: finding.patients,
    total: finding.eventsTotal,
  };
}

function one({ entities }: { entities: readonly Entity[] }, kind: EntityKind): string | null {
  return entities.find((entity) => entity.kind === kind)?.name ?? null;
}

/** For the beginning of a sentence in the middle of another; abbreviations (`DICOM`) keep their letters. */
export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}

export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The last tactic of a rule's tags: what it shows, rather than what led to it. */
export function tacticOf(finding: Pick<Finding, 'rule'>): string | null {
  return tacticsOf(finding.rule.tags).at(-1) ?? null;
}
