import { resolveCorrelations } from './correlation/resolve.ts';
import type { CorrelationRule, Level, RuleHead, RuleSet } from './types.ts';

/** What an operator set for a rule; what is null is as in its file. */
export interface RuleSetting {
  isEnabled: boolean | null;
  level: Level | null;
}

/**
 * The rules as the operator wants them. A rule that is switched off does not run, and correlations find nothing of it.
 * Who may give findings is decided by what was loaded: the parts of a correlation do not begin to speak by themselves when
 * it is switched off, and a rule that speaks is not silenced by it.
 */
export function tuneRules(ruleSet: RuleSet, settings: ReadonlyMap<string, RuleSetting>): RuleSet {
  const isOn = (rule: RuleHead): boolean => settings.get(rule.id)?.isEnabled !== false;
  const parts = resolveCorrelations(ruleSet.correlations, ruleSet.rules).silent;
  const on = ruleSet.correlations.filter(isOn);
  const needed = neededBy(on, (rule) => !parts.has(rule.id));
  const runs = (rule: RuleHead): boolean => isOn(rule) && (!parts.has(rule.id) || isNamed(rule, needed));
  const levelOf = (rule: RuleHead): Level | null => settings.get(rule.id)?.level ?? null;
  return {
    ...ruleSet,
    rules: ruleSet.rules.filter(runs).map((rule) => atLevel(rule, levelOf(rule))),
    correlations: on.filter(runs).map((rule) => correlationAtLevel(rule, levelOf(rule))),
    muted: parts,
  };
}

/** Findings name the rule inside; lists name the correlation. */
function correlationAtLevel(correlation: CorrelationRule, level: Level | null): CorrelationRule {
  return { ...atLevel(correlation, level), rule: atLevel(correlation.rule, level) };
}

function atLevel<Head extends RuleHead>(rule: Head, level: Level | null): Head {
  return level === null || level === rule.level ? rule : { ...rule, level };
}

/** Ids and names that the chosen correlations refer to, directly or through others. */
function neededBy(correlations: readonly CorrelationRule[], isChosen: (rule: CorrelationRule) => boolean): Set<string> {
  const needed = new Set<string>();
  const done = new Set<CorrelationRule>();
  let before = -1;
  while (before !== done.size) {
    before = done.size;
    for (const rule of correlations) {
      if (done.has(rule) || !(isChosen(rule) || isNamed(rule, needed))) continue;
      done.add(rule);
      for (const part of rule.section.rules) needed.add(part);
    }
  }
  return needed;
}

function isNamed(rule: RuleHead, names: ReadonlySet<string>): boolean {
  return names.has(rule.id) || (rule.name !== undefined && names.has(rule.name));
}
