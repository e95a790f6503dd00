import type { CorrelationRule, Level, RuleSet } from '#detect/sigma';
import { LEVELS } from '#detect/sigma';
import type { RuleChange } from '../api.ts';
import type { ConsoleStore } from '../store.ts';

/** What was set for a rule; what is null is as in its file. */
export interface Tuning {
  isEnabled: boolean | null;
  level: Level | null;
}

const AS_IN_FILE: Tuning = { isEnabled: null, level: null };

/** What people set for rules. A rule that is gone keeps its row: it may come back with the next import. */
export interface Tunings {
  of(id: string): Tuning;
  change(id: string, change: RuleChange): Promise<void>;
  /** The rules that run, at the levels that were set; correlations of a rule that is off find nothing of it. */
  applyTo(all: RuleSet): RuleSet;
}

export async function openTunings(store: ConsoleStore): Promise<Tunings> {
  const known = new Map<string, Tuning>();
  for (const { id, enabled, level } of await store.rules())
    known.set(id, {
      isEnabled: enabled === null ? null : enabled === 1,
      level: LEVELS.find((one) => one === level) ?? null,
    });
  const of = (id: string): Tuning => known.get(id) ?? AS_IN_FILE;
  return {
    of,
    async change(id, change) {
      const next = { isEnabled: change.isEnabled ?? of(id).isEnabled, level: change.level ?? of(id).level };
      const enabled = next.isEnabled === null ? null : Number(next.isEnabled);
      await store.saveRule({ id, enabled, level: next.level });
      known.set(id, next);
    },
    applyTo: (all) => ({
      ...all,
      rules: all.rules.filter(({ id }) => of(id).isEnabled !== false).map((rule) => atLevel(rule, of(rule.id).level)),
      correlations: all.correlations
        .filter(({ id }) => of(id).isEnabled !== false)
        .map((rule) => correlationAtLevel(rule, of(rule.id).level)),
    }),
  };
}

function correlationAtLevel(correlation: CorrelationRule, level: Level | null): CorrelationRule {
  // Findings name the rule inside; lists name the correlation.
  return { ...atLevel(correlation, level), rule: atLevel(correlation.rule, level) };
}

function atLevel<T extends { level: Level }>(rule: T, level: Level | null): T {
  return level === null || level === rule.level ? rule : { ...rule, level };
}
