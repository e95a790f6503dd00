import { LEVELS, type Level } from '#detect/sigma';
import { type Gist, type Worst, rankOf } from './gist.ts';
import type { IncidentRow, RuleRow } from './store-tables.ts';
import { gistOf } from './store-tallies.ts';
import type { Entity, Incident } from './types.ts';
import type { IncidentWords } from './words/words.ts';

/** From so many tactics on, the steps form a chain, and it weighs one level more. */
const CHAIN_TACTICS = 3;

/** A finding over so many events is no chance. */
const PATTERN_EVENTS = 5;

/** How much an asset matters, where that is known; null elsewhere. */
export type Importance = (entity: Entity) => 'critical' | 'ordinary' | null;

/** The highest level of a finding, one more for a chain of tactics, one more for an asset that care depends on. */
export function severityOf({ worst, tactics, vital }: Gist): Level {
  const steps = (worst === null ? 0 : rankOf(worst.level)) + (isChain(tactics) ? 1 : 0) + (vital === null ? 0 : 1);
  return LEVELS[Math.min(LEVELS.length - 1, steps)] ?? 'informational';
}

/** How the severity came about, in one sentence. */
export function severityWhyOf({ worst, tactics, vital }: Gist, { severity: words }: IncidentWords): string {
  return words.because([
    words.worst(worst?.level ?? 'informational', worst?.title ?? null),
    ...(isChain(tactics) ? [words.chain(tactics.length)] : []),
    ...(vital === null ? [] : [words.vital(vital)]),
  ]);
}

function isChain(tactics: readonly string[]): boolean {
  return tactics.length >= CHAIN_TACTICS;
}

/** The columns that a change of severity sets; null takes back what a person set, nothing without a change. */
export function severityChange(
  row: IncidentRow,
  severity: Level | null | undefined,
): Partial<Pick<IncidentRow, 'severity' | 'fixed_severity'>> {
  if (severity === undefined) return {};
  return severity === null ? { severity: severityOf(gistOf(row)), fixed_severity: 0 } : { severity, fixed_severity: 1 };
}

/** How sure it is that this is no false alarm, by what agrees. */
export function confidenceOf(
  rules: readonly RuleRow[],
  { tactics }: Pick<Gist, 'tactics'>,
  { confidence: words }: IncidentWords,
): Incident['confidence'] {
  const serious = rules.filter(({ level }) => rankOf(level) >= rankOf('high'));
  const agreeing = new Set(serious.map(({ rule }) => rule)).size;
  if (agreeing >= 3 && tactics.length >= 2)
    return { level: 'high', why: words.agreeInTactics(agreeing, tactics.length) };
  if (agreeing >= 2) return { level: 'medium', why: words.agree(agreeing) };
  if (serious.some(({ level }) => level === 'critical')) return { level: 'medium', why: words.highestAlone };
  const pattern = serious.find(({ events_max: events }) => events >= PATTERN_EVENTS);
  if (pattern !== undefined) return { level: 'medium', why: words.pattern(pattern.events_max) };
  return { level: 'low', why: words.alone };
}

/** What the incident is called: the worst step, and whom or what most of it is about. */
export function titleOf(worst: Worst | null, countOf: (entity: Entity) => number): string {
  if (worst === null) return 'Incident';
  const [chief] = worst.names.toSorted((a, b) => countOf(b) - countOf(a));
  return chief === undefined ? worst.title : `${worst.title}: ${chief.name}`;
}
