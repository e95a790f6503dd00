import type { EventView } from './event-view.ts';
import type { Leaf, Node } from './types.ts';

export interface CompiledNode {
  readonly cost: number;
  holds(view: EventView): boolean;
}

/** Compiles a condition to closures. The parts of an `and` and an `or` are tried cheapest first. */
export function compileCondition(node: Node, compileLeaf: (leaf: Leaf) => CompiledNode): CompiledNode {
  switch (node.kind) {
    case 'leaf':
      return compileLeaf(node.leaf);
    case 'not': {
      const part = compileCondition(node.part, compileLeaf);
      return { cost: part.cost, holds: (view) => !part.holds(view) };
    }
    case 'and':
    case 'or':
    case 'some': {
      const parts = node.parts.map((part) => compileCondition(part, compileLeaf)).toSorted((a, b) => a.cost - b.cost);
      const cost = parts.reduce((sum, part) => sum + part.cost, 0);
      const [only] = parts;
      if (node.kind !== 'some' && parts.length === 1 && only !== undefined) return only;
      if (node.kind === 'and') return { cost, holds: (view) => all(parts, view) };
      if (node.kind === 'or') return { cost, holds: (view) => any(parts, view) };
      return { cost, holds: (view) => atLeast(parts, node.least, view) };
    }
  }
}

function all(parts: readonly CompiledNode[], view: EventView): boolean {
  for (const part of parts) if (!part.holds(view)) return false;
  return true;
}

function any(parts: readonly CompiledNode[], view: EventView): boolean {
  for (const part of parts) if (part.holds(view)) return true;
  return false;
}

function atLeast(parts: readonly CompiledNode[], least: number, view: EventView): boolean {
  let count = 0;
  for (const part of parts) if (part.holds(view) && ++count >= least) return true;
  return false;
}
