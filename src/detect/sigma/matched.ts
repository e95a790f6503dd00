import { EventView } from './event-view.ts';
import { compileLeaf } from './leaf.ts';
import { compileCondition } from './condition.ts';
import { type Route, fieldOf } from './logsource/route.ts';
import { compileTextTest } from './text-tests.ts';
import type { RegexCounter } from './regex.ts';
import type { Leaf, Node, Rule } from './types.ts';
import { type Fields, someText } from './values.ts';

/** The fields that made a rule match, with their values: those of the conditions that hold, outside any `not`. */
export function matchedFields(
  rule: Rule,
  route: Route,
  fields: Fields,
  counter: RegexCounter,
): Record<string, unknown> {
  const matched: Record<string, unknown> = {};
  const view = new EventView();
  const slot = (field: string): number => view.addSlot(fieldOf(route, rule.logsource, field));
  const holds = (node: Node): boolean => {
    const compiled = compileCondition(node, (leaf) => compileLeaf(leaf, slot, counter));
    view.open(fields);
    return compiled.holds(view);
  };
  const visit = (node: Node): void => {
    if (node.kind === 'not' || !holds(node)) return;
    if (node.kind !== 'leaf') node.parts.forEach(visit);
    else if (node.leaf.field === null) Object.assign(matched, keywordField(node.leaf, fields, counter));
    else {
      const value = fieldOf(route, rule.logsource, node.leaf.field)(fields);
      if (value !== undefined) matched[node.leaf.field] = value;
    }
  };
  visit(rule.detection);
  return matched;
}

/** The first value in which a keyword was found. */
function keywordField(leaf: Leaf, fields: Fields, counter: RegexCounter): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const tests = leaf.tests.map((test) => compileTextTest(test, counter)).filter((test) => test !== null);
  someText(fields, (text, field) => {
    const folded = text.toLowerCase();
    const hit = tests.some((test) => test.holds(test.wants === 'folded' ? folded : text));
    if (hit) found[field] = text;
    return hit;
  });
  return found;
}
