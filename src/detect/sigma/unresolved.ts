import type { Leaf, Node } from './types.ts';

/**
 * Decides what hangs on placeholders without a value: nobody knows whether it holds, so it counts as false, and behind
 * a `not` as true. A rule then matches only what it would match for every possible value. Never as `*`.
 */
export function settleUnresolved(node: Node, positive: boolean): Node {
  switch (node.kind) {
    case 'leaf':
      return settleLeaf(node, node.leaf, positive);
    case 'not':
      return { ...node, part: settleUnresolved(node.part, !positive) };
    case 'and':
    case 'or':
    case 'some':
      return { ...node, parts: node.parts.map((part) => settleUnresolved(part, positive)) };
  }
}

function settleLeaf(node: Node, leaf: Leaf, positive: boolean): Node {
  const known = leaf.tests.filter((test) => test.kind !== 'unresolved');
  if (known.length === leaf.tests.length) return node;
  const name = `${node.name ?? leaf.label} (placeholder without a value)`;
  if (!positive) return { kind: 'and', parts: [], name };
  if (known.length === 0) return { kind: 'or', parts: [], name };
  return { kind: 'leaf', leaf: { ...leaf, tests: known }, name };
}
