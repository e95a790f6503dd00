import { entryOf } from '#kernel';
import type { Coverage, RuleSummary } from './api.ts';
import { TACTICS, TECHNIQUES } from './attack.ts';

/** Which techniques the rules speak of, by their `attack.*` tags; techniques without a rule are listed with none. */
export function coverageOf(rules: readonly RuleSummary[]): Coverage {
  const found = new Map<string, Coverage['techniques'][number]>();
  for (const [id, { name, tactics }] of Object.entries(TECHNIQUES))
    found.set(id, { id, name, tactics: [...tactics], rules: 0, enabled: 0, findings: 0 });
  for (const rule of rules)
    for (const id of new Set(rule.techniques.map((technique) => technique.toUpperCase()))) {
      const one = found.get(id) ?? newTechnique(id, rule.tactics);
      found.set(id, one);
      one.rules += 1;
      one.enabled += rule.isEnabled ? 1 : 0;
      one.findings += rule.findings;
    }
  const techniques = [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { tactics: TACTICS.map(({ id, name }) => ({ id, name })), techniques };
}

/** A sub-technique goes by its technique's name and its own number; an unknown one by its number alone. */
function newTechnique(id: string, tactics: readonly string[]): Coverage['techniques'][number] {
  const [parent = id] = id.split('.');
  const known = entryOf(TECHNIQUES, parent);
  const name = known === undefined ? id : `${known.name} (${id.slice(parent.length)})`;
  return {
    id,
    name,
    tactics: known === undefined ? [...tactics] : [...known.tactics],
    rules: 0,
    enabled: 0,
    findings: 0,
  };
}
