import { compileCidr } from './cidr.ts';
import { compileWild, foldDashes } from './pattern.ts';
import { requiredLiterals } from './regex-literal.ts';
import { type RegexCounter, compileRegex } from './regex.ts';
import { timePart } from './time-parts.ts';
import type { Comparison, Test } from './types.ts';

export type TextPredicate = (text: string) => boolean;

/** Tests that look at one text at a time, and which form of it they want. */
export interface TextTest {
  readonly wants: 'folded' | 'plain';
  readonly holds: TextPredicate;
  /** Relative cost, for the order in which parts of an `and` are tried. */
  readonly cost: number;
}

/** Compiles a test of texts; null for the tests that look at the field as a whole. */
export function compileTextTest(test: Test, counter: RegexCounter): TextTest | null {
  switch (test.kind) {
    case 'text':
    case 'wild': {
      const holds = test.kind === 'text' ? textPredicate(test) : compileWild(test.tokens);
      const wants = test.cased ? 'plain' : 'folded';
      const cost = test.kind === 'wild' ? 6 : test.form === 'contains' ? 3 : 1;
      return { wants, cost, holds: test.dashes ? (text) => holds(foldDashes(text)) : holds };
    }
    case 'regex':
      return regexTest(test.source, test.flags, counter);
    case 'cidr':
      return { wants: 'plain', cost: 5, holds: compileCidr(test.network) ?? never };
    case 'compare':
      return {
        wants: 'plain',
        cost: 2,
        holds: (text) => text.trim() !== '' && compare(Number(text), test.operator, test.operand),
      };
    case 'time':
      return {
        wants: 'plain',
        cost: 5,
        holds: (text) => compareTime(timePart(text, test.unit), test.operator, test.operand),
      };
    case 'null':
    case 'exists':
    case 'fieldref':
      return null;
    case 'unresolved':
      return { wants: 'plain', cost: 0, holds: never };
  }
}

function never(): boolean {
  return false;
}

function textPredicate(test: Extract<Test, { kind: 'text' }>): TextPredicate {
  const { literal } = test;
  switch (test.form) {
    case 'exact':
      return (text) => text === literal;
    case 'prefix':
      return (text) => text.startsWith(literal);
    case 'suffix':
      return (text) => text.endsWith(literal);
    case 'contains':
      return (text) => text.includes(literal);
  }
}

/**
 * Searching for plain text is many times faster than a linear engine: what every match must hold is looked for first.
 * Regular expressions are compiled when first needed: most never are. The loader has proved that they compile.
 */
function regexTest(source: string, flags: string, counter: RegexCounter): TextTest {
  let compiled: TextPredicate | null = null;
  const required = requiredLiterals(source);
  const holds: TextPredicate = (text) => {
    if (required.length > 0 && !holdsAll(text.toLowerCase(), required)) return false;
    if (compiled === null) {
      const regex = compileRegex(source, flags, counter);
      compiled = typeof regex === 'string' ? never : (input) => regex.test(input);
    }
    return compiled(text);
  };
  return { wants: 'plain', cost: 40, holds };
}

function holdsAll(text: string, literals: readonly string[]): boolean {
  for (const literal of literals) if (!text.includes(literal)) return false;
  return true;
}

/** False where the text is no number. */
export function compare(value: number, operator: Comparison, operand: number): boolean {
  switch (operator) {
    case 'eq':
      return value === operand;
    case 'gt':
      return value > operand;
    case 'gte':
      return value >= operand;
    case 'lt':
      return value < operand;
    case 'lte':
      return value <= operand;
  }
}

function compareTime(part: number | null, operator: Comparison, operand: number): boolean {
  return part !== null && compare(part, operator, operand);
}
