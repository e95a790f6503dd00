import { RuleFault } from './errors.ts';
import { VALUES_MAX } from './limits.ts';
import { type Modifiers, parseModifiers, testsOf } from './modifiers.ts';
import { parseCondition } from './parse-condition.ts';
import type { Placeholders } from './placeholders.ts';
import type { Leaf, Node, Test } from './types.ts';
import { settleUnresolved } from './unresolved.ts';
import { isMap } from './yaml.ts';

export interface Detection {
  readonly node: Node;
  /** Names of placeholders without a value. */
  readonly unresolved: readonly string[];
}

/** `timeframe` belongs to the aggregations of Sigma 1; without one it says nothing. */
const NOT_SEARCHES = new Set(['condition', 'timeframe']);

/**
 * Parses a `detection:` section (or a `filter:` section without its `rules`) into one condition.
 * A list of conditions holds when any of them does.
 * @throws {RuleFault} with what is wrong.
 */
export function parseDetection(raw: unknown, placeholders: Placeholders): Detection {
  if (!isMap(raw)) throw new RuleFault('detection is not a map');
  const unresolved = new Set<string>();
  const searches = new Map<string, Node>();
  for (const [name, search] of Object.entries(raw)) {
    if (NOT_SEARCHES.has(name)) continue;
    searches.set(name, { ...parseSearch(search, name, placeholders, unresolved), name });
  }
  const conditions: unknown[] = Array.isArray(raw['condition']) ? raw['condition'] : [raw['condition']];
  const nodes = conditions.map((condition) => {
    if (typeof condition !== 'string') throw new RuleFault('detection has no condition');
    return parseCondition(condition, searches);
  });
  const [only] = nodes;
  if (only === undefined) throw new RuleFault('detection has no condition');
  const node: Node = nodes.length === 1 ? only : { kind: 'or', parts: nodes };
  return { node: unresolved.size === 0 ? node : settleUnresolved(node, true), unresolved: [...unresolved] };
}

function parseSearch(search: unknown, name: string, placeholders: Placeholders, unresolved: Set<string>): Node {
  if (isMap(search)) return parseFields(search, name, placeholders, unresolved);
  const list: unknown[] = Array.isArray(search) ? search : [search];
  if (list.length === 0) throw new RuleFault(`search "${name}" is empty`);
  const maps = list.filter((entry) => isMap(entry));
  const words = list.filter((entry) => !isMap(entry));
  const parts = maps.map((map) => parseFields(map, name, placeholders, unresolved));
  if (words.length > 0) parts.unshift(parseItem('', words, placeholders, unresolved));
  return combine('or', parts);
}

function parseFields(
  map: Readonly<Record<string, unknown>>,
  name: string,
  placeholders: Placeholders,
  unresolved: Set<string>,
): Node {
  const entries = Object.entries(map);
  if (entries.length === 0) throw new RuleFault(`search "${name}" is empty`);
  return combine(
    'and',
    entries.map(([key, value]) => parseItem(key, value, placeholders, unresolved)),
  );
}

/** One `field|modifiers: values`; an empty field means keywords. */
function parseItem(key: string, value: unknown, placeholders: Placeholders, unresolved: Set<string>): Node {
  const [field = '', ...names] = key.split('|');
  if (field === '__proto__') throw new RuleFault('a field is named "__proto__"');
  const modifiers = parseModifiers(names);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new RuleFault(`field "${key}" has an empty list`);
  if (values.length > VALUES_MAX) throw new RuleFault(`field "${key}" has more than ${VALUES_MAX} values`);
  const effective = field === '' && modifiers.form === 'exact' ? keywordModifiers(modifiers) : modifiers;
  const leaf = (tests: readonly Test[]): Node => leafNode({ field: field === '' ? null : field, label: key, tests });
  const tests = values.map((entry) => testsOf(entry, effective, placeholders));
  for (const test of tests.flat()) {
    if (test.kind === 'unresolved') unresolved.add(test.placeholder);
    if (field === '' && (test.kind === 'null' || test.kind === 'exists' || test.kind === 'fieldref')) {
      throw new RuleFault('a keyword is neither text nor number');
    }
  }
  const node = modifiers.all ? combine('and', tests.map(leaf)) : leaf(tests.flat());
  return modifiers.negated ? { kind: 'not', part: node } : node;
}

/** Keywords are looked for anywhere in a value. */
function keywordModifiers(modifiers: Modifiers): Modifiers {
  const placeless = modifiers.regexFlags !== null || modifiers.special !== null || modifiers.comparison !== null;
  return placeless ? modifiers : { ...modifiers, form: 'contains' };
}

function leafNode(leaf: Leaf): Node {
  return { kind: 'leaf', leaf };
}

function combine(kind: 'and' | 'or', parts: readonly Node[]): Node {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}
