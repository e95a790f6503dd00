import { fieldValue } from './correlation/values.ts';
import { type Route, fieldOf } from './logsource/route.ts';
import type { Match, Node, Rule } from './types.ts';
import type { Accessor, Fields } from './values.ts';

/** Rule id → names of the fields that correlations read in its matches. Survives structured clone. */
export type FieldsRead = ReadonlyMap<string, readonly string[]>;

/**
 * The fields of a match that correlations read, as its rule sees them: the native ones, and those that the rule names under
 * the names that its log source gives them (4688's `NewProcessName` as `Image`).
 */
export class MatchFields {
  readonly #read: FieldsRead;
  readonly #readers = new WeakMap<Route, Map<Rule, readonly FieldReader[]>>();

  constructor(read: FieldsRead) {
    this.#read = read;
  }

  /** Null where no correlation looks at the rule. */
  of({ rule, route }: Pick<Match, 'rule' | 'route'>, fields: Fields): Record<string, unknown> | null {
    const names = this.#read.get(rule.id);
    if (names === undefined) return null;
    const seen: Record<string, unknown> = {};
    for (const { name, read } of this.#readersOf(rule, route, names)) {
      const value = read(fields);
      if (value !== undefined) seen[name] = value;
    }
    return seen;
  }

  #readersOf(rule: Rule, route: Route, names: readonly string[]): readonly FieldReader[] {
    const ofRoute = this.#readers.get(route) ?? new Map<Rule, readonly FieldReader[]>();
    this.#readers.set(route, ofRoute);
    const known = ofRoute.get(rule);
    if (known !== undefined) return known;
    const own = ownNames(rule, route);
    const readers = names.map((name) => ({ name, read: readerOf(name, own.has(name) ? rule : null, route) }));
    ofRoute.set(rule, readers);
    return readers;
  }
}

interface FieldReader {
  readonly name: string;
  readonly read: Accessor;
}

function readerOf(name: string, rule: Rule | null, route: Route): Accessor {
  if (rule === null) return (fields) => fieldValue(fields, name);
  const read = fieldOf(route, rule.logsource, name);
  return (fields) => read(fields) ?? fieldValue(fields, name);
}

/** Names that stand for something else on this route, or that the rule itself reads. */
function ownNames(rule: Rule, route: Route): Set<string> {
  const names = new Set([...route.aliases.keys(), ...fieldNames(rule.detection)]);
  if (rule.logsource.category !== undefined) for (const name of route.categoryAliases.keys()) names.add(name);
  return names;
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
