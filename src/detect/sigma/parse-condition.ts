import { RuleFault } from './errors.ts';
import { CONDITION_DEPTH_MAX, CONDITION_TOKENS_MAX } from './limits.ts';
import { compileWild } from './pattern.ts';
import type { Node } from './types.ts';

const TOKEN = /\s*(?:([()])|([^\s()|]+)|(\|))/y;
const QUANTITY = /^(?:\d+|all|any)$/i;

/**
 * Parses a Sigma condition over the given search identifiers. `not` binds tighter than `and`, `and` tighter than `or`.
 * `them` and patterns leave out identifiers that begin with `_`, unless the pattern does.
 * @throws {RuleFault} with what is wrong.
 */
export function parseCondition(text: string, searches: ReadonlyMap<string, Node>): Node {
  const parser = new Parser(tokenize(text), searches);
  return parser.whole();
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) throw new RuleFault('condition cannot be read');
    if (match[3] !== undefined) {
      throw new RuleFault('condition uses an aggregation ("|"), which Sigma 2 has replaced by correlations');
    }
    tokens.push(match[1] ?? match[2] ?? '');
    if (tokens.length > CONDITION_TOKENS_MAX)
      throw new RuleFault(`condition has more than ${CONDITION_TOKENS_MAX} words`);
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #searches: ReadonlyMap<string, Node>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], searches: ReadonlyMap<string, Node>) {
    this.#tokens = tokens;
    this.#searches = searches;
  }

  whole(): Node {
    const node = this.#or();
    if (this.#at < this.#tokens.length)
      throw new RuleFault(`condition has "${this.#tokens[this.#at]}" where it should end`);
    return node;
  }

  #word(): string | undefined {
    return this.#tokens[this.#at]?.toLowerCase();
  }

  #or(): Node {
    return this.#chain('or', () => this.#and());
  }

  #and(): Node {
    return this.#chain('and', () => this.#unary());
  }

  #chain(kind: 'and' | 'or', next: () => Node): Node {
    const first = next();
    if (this.#word() !== kind) return first;
    const parts = [first];
    while (this.#word() === kind) {
      this.#at++;
      parts.push(next());
    }
    return { kind, parts };
  }

  #unary(): Node {
    if (++this.#depth > CONDITION_DEPTH_MAX)
      throw new RuleFault(`condition nests more than ${CONDITION_DEPTH_MAX} deep`);
    const node = this.#operand();
    this.#depth--;
    return node;
  }

  #operand(): Node {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new RuleFault('condition ends too early');
    if (token.toLowerCase() === 'not') return { kind: 'not', part: this.#unary() };
    if (token === '(') {
      const inner = this.#or();
      if (this.#tokens[this.#at++] !== ')') throw new RuleFault('condition lacks a ")"');
      return inner;
    }
    if (QUANTITY.test(token) && this.#word() === 'of') return this.#quantified(token.toLowerCase());
    const search = this.#searches.get(token);
    if (search === undefined) throw new RuleFault(`condition names "${token}", which the detection does not have`);
    return search;
  }

  #quantified(quantity: string): Node {
    this.#at++;
    const target = this.#tokens[this.#at++];
    if (target === undefined) throw new RuleFault('condition ends after "of"');
    const parts = this.#targets(target);
    if (parts.length === 0)
      throw new RuleFault(`condition asks for "${quantity} of ${target}", but nothing is so named`);
    if (quantity === 'all') return { kind: 'and', parts };
    const least = quantity === 'any' ? 1 : Number(quantity);
    if (least === 0) throw new RuleFault('condition asks for "0 of", which always holds');
    if (least > parts.length) throw new RuleFault(`condition asks for ${least} of ${parts.length}`);
    return least === 1 ? { kind: 'or', parts } : { kind: 'some', least, parts };
  }

  #targets(target: string): Node[] {
    const pattern = target.toLowerCase() === 'them' ? '*' : target;
    const matches = compileWild(pattern.split('*').flatMap((part, i) => (i === 0 ? [part] : [0 as const, part])));
    const hidden = !pattern.startsWith('_');
    return [...this.#searches]
      .filter(([name]) => matches(name) && !(hidden && name.startsWith('_')))
      .map(([, node]) => node);
  }
}
