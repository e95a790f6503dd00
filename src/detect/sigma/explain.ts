import { compileCondition } from './condition.ts';
import { EventView } from './event-view.ts';
import { compileLeaf } from './leaf.ts';
import { type Route, fieldOf, serves } from './logsource/route.ts';
import { Router } from './logsource/router.ts';
import type { Leaf, Node, Rule, Test } from './types.ts';
import { type Fields, someText, textsOf } from './values.ts';

/** Why a condition holds or does not: the condition itself, its parts, and what the event says. */
export interface Explanation {
  readonly holds: boolean;
  /** `and`, `or`, `not`, `2 of`, a search identifier, or a field with its modifiers and values. */
  readonly text: string;
  /** Of a field: what the event has there; null = the field is not in the event. */
  readonly value?: string | null;
  readonly parts: readonly Explanation[];
}

export interface RuleExplanation {
  readonly matches: boolean;
  /** Whether the rule is meant for this kind of record at all. */
  readonly logsource: Explanation;
  readonly condition: Explanation;
}

/** Values and texts are cut to this length when shown, lists to so many values. */
const SHOWN_TEXT_MAX = 160;
const SHOWN_VALUES_MAX = 6;

/** Evaluates every condition of a rule, those too that the engine would not have looked at. */
export function explain(rule: Rule, family: string, fields: Fields): RuleExplanation {
  const route = new Router().route(family, fields);
  const logsource = explainLogsource(rule, route);
  const condition = explainNode(rule.detection, new Evaluator(rule, route, fields));
  return { matches: logsource.holds && condition.holds, logsource, condition };
}

function explainLogsource(rule: Rule, route: Route): Explanation {
  const attribute = (key: 'product' | 'category' | 'service', words: ReadonlySet<string>): Explanation[] => {
    const wanted = rule.logsource[key];
    if (wanted === undefined) return [];
    return [{ holds: words.has(wanted), text: `${key}: ${wanted}`, value: names(words), parts: [] }];
  };
  const parts = [
    ...attribute('product', route.products),
    ...attribute('category', route.categories),
    ...attribute('service', route.services),
  ];
  return { holds: serves(route, rule.logsource), text: 'logsource', parts };
}

function names(words: ReadonlySet<string>): string {
  return words.size === 0 ? 'none' : [...words].join(', ');
}

class Evaluator {
  readonly #view = new EventView();
  readonly #rule: Rule;
  readonly #route: Route;
  readonly #fields: Fields;

  constructor(rule: Rule, route: Route, fields: Fields) {
    this.#rule = rule;
    this.#route = route;
    this.#fields = fields;
  }

  holds(node: Node): boolean {
    const slot = (field: string): number => this.#view.addSlot(fieldOf(this.#route, this.#rule.logsource, field));
    const counter = { regexInputsCut: 0 };
    const compiled = compileCondition(node, (leaf) => compileLeaf(leaf, slot, counter));
    this.#view.open(this.#fields);
    return compiled.holds(this.#view);
  }

  value(field: string): unknown {
    return fieldOf(this.#route, this.#rule.logsource, field)(this.#fields);
  }

  texts(): number {
    let count = 0;
    someText(this.#fields, () => {
      count++;
      return false;
    });
    return count;
  }
}

function explainNode(node: Node, evaluator: Evaluator): Explanation {
  const holds = evaluator.holds(node);
  const named = (text: string): string => (node.name === undefined ? text : `${node.name}: ${text}`);
  switch (node.kind) {
    case 'leaf':
      return { holds, text: named(leafText(node.leaf)), value: shownValue(node.leaf, evaluator), parts: [] };
    case 'not':
      return { holds, text: named('not'), parts: [explainNode(node.part, evaluator)] };
    case 'and':
    case 'or':
    case 'some': {
      const word = node.kind === 'some' ? `${node.least} of` : node.kind === 'and' ? 'all of' : 'any of';
      const text = node.parts.length === 0 ? (node.name ?? word) : named(word);
      return { holds, text, parts: node.parts.map((part) => explainNode(part, evaluator)) };
    }
  }
}

function shownValue(leaf: Leaf, evaluator: Evaluator): string | null {
  if (leaf.field === null) return `${evaluator.texts()} values`;
  const value = evaluator.value(leaf.field);
  if (value === undefined) return null;
  const texts = textsOf(value);
  return cut(texts === null ? 'null' : typeof texts === 'string' ? texts : texts.join(' | '));
}

function leafText(leaf: Leaf): string {
  const shown = leaf.tests.slice(0, SHOWN_VALUES_MAX).map((test) => cut(testText(test)));
  const more = leaf.tests.length - shown.length;
  const label = leaf.field === null ? `keyword${leaf.label}` : leaf.label;
  return `${label} = ${shown.join(' or ')}${more > 0 ? ` or ${more} more` : ''}`;
}

function testText(test: Test): string {
  switch (test.kind) {
    case 'text':
      return `${test.form === 'suffix' || test.form === 'contains' ? '*' : ''}${test.literal}${test.form === 'prefix' || test.form === 'contains' ? '*' : ''}`;
    case 'wild':
      return test.tokens.map((token) => (token === 0 ? '*' : token === 1 ? '?' : token)).join('');
    case 'regex':
      return `/${test.source}/${test.flags}`;
    case 'cidr':
      return test.network;
    case 'null':
      return 'null';
    case 'exists':
      return test.present ? 'present' : 'absent';
    case 'compare':
      return `${test.operator} ${test.operand}`;
    case 'time':
      return `${test.unit} ${test.operator} ${test.operand}`;
    case 'fieldref':
      return `field ${test.field}`;
    case 'unresolved':
      return `%${test.placeholder}%`;
  }
}

function cut(text: string): string {
  return text.length <= SHOWN_TEXT_MAX ? text : `${text.slice(0, SHOWN_TEXT_MAX)}…`;
}

/** The explanation as lines of a tree, `+` for what holds and `-` for what does not. */
export function explanationLines(explained: RuleExplanation): string[] {
  const lines: string[] = [];
  const visit = (part: Explanation, depth: number): void => {
    const value =
      part.value === undefined ? '' : part.value === null ? '   (not in the event)' : `   event: ${part.value}`;
    lines.push(`${'  '.repeat(depth)}${part.holds ? '+' : '-'} ${part.text}${value}`);
    for (const child of part.parts) visit(child, depth + 1);
  };
  visit(explained.logsource, 0);
  visit(explained.condition, 0);
  return lines;
}
