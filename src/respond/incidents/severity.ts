import { LEVELS, type Level } from '#detect/sigma';
import { tacticsOfAll } from './account.ts';
import { tying } from './entities.ts';
import type { Entity, Finding, Incident } from './types.ts';

/** From so many tactics on, the steps form a chain, and it weighs one level more. */
const CHAIN_TACTICS = 3;

/** A finding over so many events is no chance. */
const PATTERN_EVENTS = 5;

/** How much an asset matters, where that is known; null elsewhere. */
export type Importance = (entity: Entity) => 'critical' | 'ordinary' | null;

/** The highest level of a finding, one more for a chain of tactics, one more for an asset that care depends on. */
export function severityOf(
  findings: readonly Finding[],
  importance: Importance,
): { severity: Level; severityWhy: string } {
  const worst = findings.reduce<Finding | null>((a, b) => (a === null || rank(b) > rank(a) ? b : a), null);
  const base = worst === null ? 0 : rank(worst);
  const tactics = tacticsOfAll(findings);
  const vital = findings.flatMap(({ entities }) => entities).find((entity) => importance(entity) === 'critical');
  const isChain = tactics.length >= CHAIN_TACTICS;
  const severity = LEVELS[Math.min(LEVELS.length - 1, base + (isChain ? 1 : 0) + (vital === undefined ? 0 : 1))];
  const reasons = [
    `the most serious finding is ${LEVELS[base] ?? 'informational'} (${worst?.rule.title ?? 'none'})`,
    ...(isChain ? [`its ${tactics.length} tactics form a chain`] : []),
    ...(vital === undefined ? [] : [`${vital.name} is an asset that care depends on`]),
  ];
  return { severity: severity ?? 'informational', severityWhy: `Because ${reasons.join(', and ')}.` };
}

/** How sure it is that this is no false alarm, by what agrees. */
export function confidenceOf(findings: readonly Finding[]): Incident['confidence'] {
  const rules = new Set(findings.filter(({ rule }) => rank({ rule }) >= 3).map(({ rule }) => rule.id)).size;
  const tactics = tacticsOfAll(findings).length;
  if (rules >= 3 && tactics >= 2)
    return { level: 'high', why: `${rules} different serious rules agree, and they show ${tactics} tactics.` };
  if (rules >= 2 || findings.some(({ rule }) => rule.level === 'critical'))
    return {
      level: 'medium',
      why:
        rules >= 2
          ? `${rules} different serious rules agree.`
          : 'One rule of the highest level has matched; no other agrees yet.',
    };
  const pattern = findings.find(({ rule, eventsTotal }) => rank({ rule }) >= 3 && eventsTotal >= PATTERN_EVENTS);
  if (pattern !== undefined)
    return {
      level: 'medium',
      why: `One serious rule has matched, on a pattern of ${pattern.eventsTotal} events; no other agrees yet.`,
    };
  return { level: 'low', why: 'One kind of finding stands alone; an ordinary reason is quite possible.' };
}

/** What the incident is called: the worst step, and where. */
export function titleOf(findings: readonly Finding[]): string {
  const worst = findings.toSorted((a, b) => rank(b) - rank(a) || b.atMs - a.atMs)[0];
  if (worst === undefined) return 'Incident';
  const counts = new Map<string, number>();
  for (const { kind, name } of findings.flatMap((finding) => tying(finding.entities)))
    if (kind === 'device' || kind === 'user') counts.set(name, (counts.get(name) ?? 0) + 1);
  const own = tying(worst.entities).filter(({ kind }) => kind !== 'patient');
  const chief =
    own.length > 3 ? undefined : own.toSorted((a, b) => (counts.get(b.name) ?? 0) - (counts.get(a.name) ?? 0))[0];
  return chief === undefined ? worst.rule.title : `${worst.rule.title}: ${chief.name}`;
}

function rank({ rule }: { rule: { level: Level } }): number {
  return LEVELS.indexOf(rule.level);
}
