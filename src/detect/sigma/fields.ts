import { fieldOf } from './logsource/route.ts';
import { Router } from './logsource/router.ts';
import type { Node, Rule } from './types.ts';
import type { Fields } from './values.ts';

const router = new Router();

/**
 * The fields of a record as a rule sees them: the native ones, and those that the rule names under the names that its
 * log source gives them (4688's `NewProcessName` as `Image`). For what reads a match's fields, such as correlations.
 */
export function fieldsForRule(rule: Rule, family: string, fields: Fields): Record<string, unknown> {
  const route = router.route(family, fields);
  const seen: Record<string, unknown> = { ...fields };
  const names = new Set([...route.aliases.keys(), ...fieldNames(rule.detection)]);
  if (rule.logsource.category !== undefined) for (const name of route.categoryAliases.keys()) names.add(name);
  for (const name of names) {
    const value = fieldOf(route, rule.logsource, name)(fields);
    if (value !== undefined) seen[name] = value;
  }
  return seen;
}

/** The names of the fields that a condition looks at. */
export function fieldNames(node: Node): string[] {
  switch (node.kind) {
    case 'leaf':
      return node.leaf.field === null ? [] : [node.leaf.field];
    case 'not':
      return fieldNames(node.part);
    case 'and':
    case 'or':
    case 'some':
      return node.parts.flatMap(fieldNames);
  }
}
