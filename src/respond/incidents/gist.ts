import { LEVELS, type Level } from '#detect/sigma';
import { inOrder, tacticsOf } from './attack.ts';
import { tying } from './entities.ts';
import type { Entity, Finding } from './types.ts';

/** Of the most serious finding of an incident, what its title and severity need. */
export interface Worst {
  index: number;
  level: Level;
  atMs: number;
  title: string;
  /** Whom or what the title may name: none where the finding is about many. */
  names: Entity[];
}

/** What title and severity of an incident follow from. It can be kept as findings come, without reading older ones. */
export interface Gist {
  worst: Worst | null;
  /** In the order of the chain. */
  tactics: string[];
  /** Something that care depends on and that takes part. */
  vital: string | null;
}

/** Names of one finding of which a title can choose the chief one. */
const CHIEFS_MAX = 3;

export function worstOf({ index, rule, atMs, entities }: Finding): Worst {
  const named = tying(entities).filter(({ kind }) => kind !== 'patient');
  const devices = named.filter(({ kind }) => kind === 'device');
  // Of damage people first ask where it is.
  const chiefs = devices.length > 0 && tacticsOf(rule.tags).includes('impact') ? devices : named;
  return { index, level: rule.level, atMs, title: rule.title, names: chiefs.length > CHIEFS_MAX ? [] : chiefs };
}

/** The more serious of two; of equals the later, then the one that came first. */
export function worse(a: Worst | null, b: Worst | null): Worst | null {
  if (a === null || b === null) return a ?? b;
  const order = rankOf(a.level) - rankOf(b.level) || a.atMs - b.atMs || b.index - a.index;
  return order >= 0 ? a : b;
}

/** The gist of both. */
export function joined(a: Gist, b: Gist): Gist {
  return { worst: worse(a.worst, b.worst), tactics: inOrder([...a.tactics, ...b.tactics]), vital: a.vital ?? b.vital };
}

export function gistOfFinding(finding: Finding, isVital: (entity: Entity) => boolean): Gist {
  const vital = finding.entities.find(isVital)?.name ?? null;
  return { worst: worstOf(finding), tactics: tacticsOf(finding.rule.tags), vital };
}

export function rankOf(level: Level): number {
  return LEVELS.indexOf(level);
}
