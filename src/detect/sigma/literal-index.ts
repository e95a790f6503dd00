import { AhoCorasick } from './aho-corasick.ts';
import { coveringNeedles, rarestPart } from './needles.ts';

/** Up to here single searches are faster than the automaton. */
const SINGLE_SEARCHES_MAX = 6;

export type Candidate = (rules: readonly number[]) => void;

/** Literals that may stand anywhere in a text, and the rules (by number) that each speaks for. */
export class LiteralIndex {
  readonly #literals: readonly string[];
  readonly #speaksFor: readonly (readonly number[])[];
  readonly #shortest: number;
  readonly #needles: readonly string[] | null;
  readonly #automaton: AhoCorasick | null;

  constructor(rulesByLiteral: ReadonlyMap<string, readonly number[]>) {
    this.#literals = [...rulesByLiteral.keys()];
    this.#speaksFor = [...rulesByLiteral.values()];
    this.#shortest = this.#literals.reduce((least, { length }) => Math.min(least, length), Infinity);
    const many = this.#literals.length > SINGLE_SEARCHES_MAX;
    this.#needles = many ? coveringNeedles(this.#literals) : null;
    this.#automaton = many ? new AhoCorasick(this.#literals.map(rarestPart)) : null;
  }

  /** Length of the shortest literal; infinite when there is none. */
  get shortest(): number {
    return this.#shortest;
  }

  probe(text: string, candidate: Candidate): void {
    if (text.length < this.#shortest) return;
    if (this.#needles !== null && !holdsAny(text, this.#needles)) return;
    if (this.#automaton === null) {
      for (let i = 0; i < this.#literals.length; i++) this.#confirm(text, i, candidate);
      return;
    }
    this.#automaton.scan(text, (i) => this.#confirm(text, i, candidate));
  }

  #confirm(text: string, literal: number, candidate: Candidate): void {
    if (text.includes(this.#literals[literal] ?? '')) candidate(this.#speaksFor[literal] ?? []);
  }
}

function holdsAny(text: string, needles: readonly string[]): boolean {
  for (let i = 0; i < needles.length; i++) if (text.includes(needles[i] ?? '')) return true;
  return false;
}
