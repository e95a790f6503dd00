import { type Route, serves } from './logsource/route.ts';
import { Router } from './logsource/router.ts';
import { RuleGroup } from './rule-group.ts';
import type { Engine, EngineCounters, Match, RuleSet } from './types.ts';

/**
 * An engine over a rule set. A record is routed to what it is (family, channel, event id, log type); the rules for that
 * kind of record are compiled together when the first such record comes. Not shared between threads: each makes its
 * own from the same plain rule set.
 */
export function createEngine(ruleSet: Pick<RuleSet, 'rules'>): Engine {
  const counters: EngineCounters = { events: 0, candidates: 0, regexInputsCut: 0 };
  const router = new Router();
  const groups = new WeakMap<Route, RuleGroup | typeof NO_RULES>();

  function open(route: Route): RuleGroup | typeof NO_RULES {
    const rules = ruleSet.rules.filter((rule) => serves(route, rule.logsource));
    const group = rules.length === 0 ? NO_RULES : new RuleGroup(route, rules, counters);
    groups.set(route, group);
    return group;
  }

  return {
    counters,
    match(family, fields): Match[] {
      counters.events++;
      const route = router.route(family, fields);
      const group = groups.get(route) ?? open(route);
      return group.match(fields);
    },
  };
}

const NO_RULES = { match: (): Match[] => [] };
