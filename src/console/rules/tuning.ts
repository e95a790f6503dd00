import { LEVELS, type RuleSet, type RuleSetting, tuneRules } from '#detect/sigma';
import type { RuleChange } from '../api.ts';
import type { ConsoleStore } from '../store.ts';

/** What was set for a rule; what is null is as in its file. */
export type Tuning = RuleSetting;

const AS_IN_FILE: Tuning = { isEnabled: null, level: null };

/** What people set for rules. A rule that is gone keeps its row: it may come back with the next import. */
export interface Tunings {
  of(id: string): Tuning;
  change(id: string, change: RuleChange): Promise<void>;
  /** The rules that run, at the levels that were set. */
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
    applyTo: (all) => tuneRules(all, known),
  };
}
