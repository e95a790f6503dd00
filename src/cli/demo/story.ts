import type { LedgerFinding } from '#detect/sigma';
import { LEVELS } from '../output/style.ts';

/** One sentence of the account: what happened, when, to whom, how often. */
export interface Chapter {
  firstMs: number;
  lastMs: number;
  level: string;
  title: string;
  /** The rule's own words on what it means and what to do first. */
  meaning: string;
  /** Host, user, address: what the events of the finding name. */
  actors: string[];
  findings: number;
  /** Ledger index of an entry that shows it. */
  evidence: number;
}

/** Findings of one rule that lie no further apart than this are one chapter. */
const GAP_MS = 30 * 60_000;

/**
 * The account of a night: findings of at least the given level, those of one rule in a row told once, in the order of their
 * time.
 */
export function tell(
  findings: readonly LedgerFinding[],
  actorsOf: (index: number) => string[],
  least: (typeof LEVELS)[number] = 'medium',
): Chapter[] {
  const chapters = new Map<string, Chapter>();
  const told: Chapter[] = [];
  const urgent = findings.filter(({ rule }) => LEVELS.indexOf(rule.level) <= LEVELS.indexOf(least));
  for (const { rule, firstMs, timeMs, indexes } of urgent.toSorted((a, b) => a.firstMs - b.firstMs)) {
    const evidence = indexes.at(-1) ?? 0;
    const open = chapters.get(rule.id);
    if (open !== undefined && firstMs - open.lastMs <= GAP_MS) {
      open.lastMs = Math.max(open.lastMs, timeMs);
      open.findings += 1;
      continue;
    }
    const chapter: Chapter = {
      firstMs,
      lastMs: timeMs,
      level: rule.level,
      title: rule.title,
      meaning: (rule.description ?? '').replaceAll(/\s+/g, ' ').trim(),
      actors: actorsOf(evidence),
      findings: 1,
      evidence,
    };
    chapters.set(rule.id, chapter);
    told.push(chapter);
  }
  return told;
}
