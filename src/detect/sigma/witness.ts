import { requiredLiteral } from './regex-literal.ts';
import type { Leaf, Node, Test } from './types.ts';

/**
 * What an event must show for a rule to have a chance: one of several literals in a field. Only what must be *there*
 * can witness; what stands behind `not` never does.
 */
export interface Witness {
  /** Null = keyword: in any value. */
  readonly field: string | null;
  /** `tail`: the last component of a path, from its separator on. */
  readonly kind: 'exact' | 'tail' | 'contains';
  /** Lower case. */
  readonly literal: string;
}

export interface Witnesses {
  /** One of them holds in every event that the rule matches. */
  readonly any: readonly Witness[];
  /** How often one is expected to hold, as a guess to choose by. */
  readonly share: number;
}

/** The rarest set of witnesses of a condition; null when there is none. */
export function witnessesOf(node: Node): Witnesses | null {
  switch (node.kind) {
    case 'leaf':
      return leafWitnesses(node.leaf);
    case 'not':
      return null;
    case 'and':
      return node.parts.map(witnessesOf).reduce(rarer, null);
    case 'or':
    case 'some':
      return union(node.parts.map(witnessesOf));
  }
}

function rarer(a: Witnesses | null, b: Witnesses | null): Witnesses | null {
  if (a === null || b === null) return a ?? b;
  return b.share < a.share ? b : a;
}

/** An empty `or` never holds, so it needs no witness; neither do the branches that never hold. */
function union(parts: readonly (Witnesses | null)[]): Witnesses | null {
  const any: Witness[] = [];
  let share = 0;
  for (const part of parts) {
    if (part === null) return null;
    any.push(...part.any);
    share += part.share;
  }
  return { any, share };
}

function leafWitnesses(leaf: Leaf): Witnesses | null {
  return union(leaf.tests.map((test) => testWitness(leaf.field, test)));
}

function testWitness(field: string | null, test: Test): Witnesses | null {
  switch (test.kind) {
    case 'text':
      return textWitness(field, test);
    case 'wild':
      return containing(field, longest(test.tokens.filter((token) => typeof token === 'string')), test);
    case 'regex':
      return containing(field, requiredLiteral(test.source) ?? '', { cased: true, dashes: false });
    case 'unresolved':
      return { any: [], share: 0 };
    case 'cidr':
    case 'null':
    case 'exists':
    case 'compare':
    case 'time':
    case 'fieldref':
      return null;
  }
}

function textWitness(field: string | null, test: Extract<Test, { kind: 'text' }>): Witnesses | null {
  if (test.dashes || field === null || test.form === 'prefix' || test.form === 'contains') {
    return containing(field, test.literal, test);
  }
  if (!isSafe(test.literal, test.cased)) return null;
  const literal = test.literal.toLowerCase();
  if (test.form === 'exact') return one({ field, kind: 'exact', literal }, exactShare(field, literal));
  const separator = Math.max(literal.lastIndexOf('\\'), literal.lastIndexOf('/'));
  if (separator < 0) return containing(field, literal, test);
  const tail = literal.slice(separator);
  return one({ field, kind: 'tail', literal: tail }, COMMON_TAILS.has(tail) ? 0.15 : tail.length < 3 ? 0.3 : 0.01);
}

function containing(
  field: string | null,
  text: string,
  folding: { readonly cased: boolean; readonly dashes: boolean },
): Witnesses | null {
  const literal = (folding.dashes ? longest(text.split('-')) : text).toLowerCase();
  if (literal === '' || !isSafe(text, folding.cased)) return null;
  return one({ field, kind: 'contains', literal }, containsShare(literal) + (field === null ? KEYWORD_PENALTY : 0));
}

/** To look for keywords is to look through the whole event: any other witness is better. */
const KEYWORD_PENALTY = 0.3;

/** Outside ASCII the lower case of a part is not always a part of the lower case (the final sigma). */
function isSafe(literal: string, cased: boolean): boolean {
  return !cased || Buffer.byteLength(literal) === literal.length;
}

function one(witness: Witness, share: number): Witnesses {
  return { any: [witness], share };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '');
}

/** Fields that say of what kind an event is: many events share a value. */
const COARSE_FIELDS = new Set([
  'EventID',
  'Channel',
  'Provider_Name',
  'Source',
  'type',
  'eventSource',
  'class_uid',
  'activity_id',
]);

function exactShare(field: string, literal: string): number {
  if (COARSE_FIELDS.has(field)) return 0.1;
  return literal.length <= 1 ? 0.2 : literal.length <= 5 ? 0.05 : 0.01;
}

const COMMON_TAILS = new Set([
  '\\powershell.exe',
  '\\pwsh.exe',
  '\\cmd.exe',
  '\\svchost.exe',
  '\\rundll32.exe',
  '\\explorer.exe',
  '\\services.exe',
  '\\lsass.exe',
  '\\reg.exe',
  '\\net.exe',
  '\\net1.exe',
]);

/** Texts that stand in very many paths and registry keys, whatever their length. */
const COMMON_TEXT =
  /^(?:hklm|hkcu|hku|hklm\\(?:system|software).{0,12}|\\registry\\.{0,10}|c:\\windows\\?.{0,10}|c:\\users\\?|\\(?:windows|system32|users|program files|microsoft)\\?.{0,3}|microsoft|windows|.{0,4}\.exe|.{0,2}\.dll)$/;

function containsShare(literal: string): number {
  if (COMMON_TEXT.test(literal)) return 0.5;
  const byLength = [1, 0.8, 0.5, 0.2, 0.08, 0.04, 0.02, 0.012];
  return byLength[literal.length] ?? Math.max(0.001, 0.08 / literal.length);
}
