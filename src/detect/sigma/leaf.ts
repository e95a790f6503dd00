import type { EventView } from './event-view.ts';
import type { RegexCounter } from './regex.ts';
import { type TextPredicate, compileTextTest } from './text-tests.ts';
import type { Leaf, Test, TextForm } from './types.ts';
import { type Texts, isEmpty, someText } from './values.ts';

export interface CompiledLeaf {
  readonly cost: number;
  holds(view: EventView): boolean;
}

type Slots = (field: string) => number;

/** Compiles a leaf: true when any of its tests holds for any text of its field. */
export function compileLeaf(leaf: Leaf, slots: Slots, counter: RegexCounter): CompiledLeaf {
  if (leaf.field === null) return compileKeywords(leaf.tests, counter);
  const slot = slots(leaf.field);
  const folded: TextPredicate[] = [];
  const plain: TextPredicate[] = [];
  const whole: ((view: EventView) => boolean)[] = [];
  const exact = new Set<string>();
  let cost = 1;
  for (const test of leaf.tests) {
    const compiled = compileTextTest(test, counter);
    if (compiled === null) whole.push(compileWhole(test, slot, slots));
    else if (isFoldedExact(test)) exact.add(test.literal);
    else {
      (compiled.wants === 'folded' ? folded : plain).push(compiled.holds);
      cost += compiled.cost;
    }
  }
  if (exact.size > 0) folded.unshift(exactPredicate(exact));
  const parts: ((view: EventView) => boolean)[] = [];
  if (folded.length > 0) parts.push(overTexts((view) => view.folded(slot), anyOf(folded)));
  if (plain.length > 0) parts.push(overTexts((view) => view.texts(slot), anyOf(plain)));
  parts.push(...whole);
  const [only] = parts;
  return { cost, holds: parts.length === 1 && only !== undefined ? only : (view) => parts.some((part) => part(view)) };
}

function isFoldedExact(test: Test): test is Extract<Test, { kind: 'text' }> {
  return test.kind === 'text' && test.form === 'exact' && !test.cased && !test.dashes;
}

function exactPredicate(literals: ReadonlySet<string>): TextPredicate {
  const [only] = literals;
  return literals.size === 1 ? (text) => text === only : (text) => literals.has(text);
}

function anyOf(predicates: readonly TextPredicate[]): TextPredicate {
  const [only] = predicates;
  if (predicates.length === 1 && only !== undefined) return only;
  return (text) => {
    for (const holds of predicates) if (holds(text)) return true;
    return false;
  };
}

function overTexts(read: (view: EventView) => Texts, holds: TextPredicate): (view: EventView) => boolean {
  return (view) => {
    const texts = read(view);
    if (typeof texts === 'string') return holds(texts);
    return texts !== null && texts.some(holds);
  };
}

function compileWhole(test: Test, slot: number, slots: Slots): (view: EventView) => boolean {
  if (test.kind === 'null') return (view) => isEmpty(view.raw(slot));
  if (test.kind === 'exists') return (view) => (view.raw(slot) !== undefined) === test.present;
  if (test.kind !== 'fieldref') return () => false;
  const other = slots(test.field);
  const read = (view: EventView, at: number): Texts => (test.cased ? view.texts(at) : view.folded(at));
  return (view) => someOf(read(view, slot), (a) => someOf(read(view, other), (b) => standsIn(a, b, test.form)));
}

function someOf(texts: Texts, holds: TextPredicate): boolean {
  if (typeof texts === 'string') return holds(texts);
  return texts !== null && texts.some(holds);
}

/** Whether `part` stands in `text` at the place that `form` says. */
export function standsIn(text: string, part: string, form: TextForm): boolean {
  switch (form) {
    case 'exact':
      return text === part;
    case 'prefix':
      return text.startsWith(part);
    case 'suffix':
      return text.endsWith(part);
    case 'contains':
      return text.includes(part);
  }
}

function compileKeywords(tests: readonly Test[], counter: RegexCounter): CompiledLeaf {
  const compiled = tests.map((test) => compileTextTest(test, counter)).filter((test) => test !== null);
  const folded = anyOf(compiled.filter((test) => test.wants === 'folded').map((test) => test.holds));
  const plain = anyOf(compiled.filter((test) => test.wants === 'plain').map((test) => test.holds));
  const holds: TextPredicate = (text) => plain(text) || folded(text.toLowerCase());
  return { cost: 100 + compiled.length, holds: (view) => someText(view.fields, holds) };
}
