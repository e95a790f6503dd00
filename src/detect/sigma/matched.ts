import { type CompiledNode, compileCondition } from './condition.ts';
import type { EventView } from './event-view.ts';
import type { RegexCounter } from './regex.ts';
import { compileTextTest } from './text-tests.ts';
import type { Leaf, Node } from './types.ts';
import { type Fields, someText } from './values.ts';

/** How the leaves of one rule are read on one route. */
export interface LeafReader {
  compile: (leaf: Leaf) => CompiledNode;
  /** The slot of a field in the view. */
  slot: (field: string) => number;
  counter: RegexCounter;
}

/** Adds the fields that made a rule match, with their values. */
export type MatchedFields = (view: EventView, into: Record<string, unknown>) => void;

/** What made a rule match: the fields of the conditions that hold, outside any `not`. Compiled once a rule and route. */
export function compileMatched(node: Node, reader: LeafReader): MatchedFields {
  if (node.kind === 'not') return () => undefined;
  const condition = compileCondition(node, reader.compile);
  const add = node.kind === 'leaf' ? leafFields(node.leaf, reader) : partFields(node.parts, reader);
  return (view, into) => {
    if (condition.holds(view)) add(view, into);
  };
}

function partFields(nodes: readonly Node[], reader: LeafReader): MatchedFields {
  const parts = nodes.map((part) => compileMatched(part, reader));
  return (view, into) => {
    for (const part of parts) part(view, into);
  };
}

function leafFields(leaf: Leaf, { slot, counter }: LeafReader): MatchedFields {
  const { field } = leaf;
  if (field === null) {
    const find = keywordFinder(leaf, counter);
    return (view, into) => find(view.fields, into);
  }
  const at = slot(field);
  return (view, into) => {
    const value = view.raw(at);
    if (value !== undefined) into[field] = value;
  };
}

/** The first value in which a keyword was found. */
function keywordFinder(leaf: Leaf, counter: RegexCounter): (fields: Fields, into: Record<string, unknown>) => void {
  const tests = leaf.tests.map((test) => compileTextTest(test, counter)).filter((test) => test !== null);
  return (fields, into) => {
    someText(fields, (text, field) => {
      const folded = text.toLowerCase();
      const hit = tests.some((test) => test.holds(test.wants === 'folded' ? folded : text));
      if (hit) into[field] = text;
      return hit;
    });
  };
}
