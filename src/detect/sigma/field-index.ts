import { AhoCorasick } from './aho-corasick.ts';
import { coveringNeedles, rarestPart } from './needles.ts';
import type { Texts } from './values.ts';
import type { Witness } from './witness.ts';

/** Up to here single searches are faster than the automaton. */
const SINGLE_SEARCHES_MAX = 6;

/** The witnesses of one field, and the rules (by number) that each speaks for. */
export class FieldIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #tails = new Map<string, number[]>();
  readonly #contains = new Map<string, number[]>();
  #automaton: AhoCorasick | null = null;
  #needles: readonly string[] | null = null;
  #literals: readonly string[] = [];
  #shortest = 0;
  #speaksFor: readonly (readonly number[])[] = [];

  add(witness: Witness, rule: number): void {
    const table = witness.kind === 'exact' ? this.#exact : witness.kind === 'tail' ? this.#tails : this.#contains;
    const rules = table.get(witness.literal);
    if (rules === undefined) table.set(witness.literal, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  /** After the last `add`. */
  seal(): void {
    this.#literals = [...this.#contains.keys()];
    this.#speaksFor = [...this.#contains.values()];
    this.#shortest = this.#literals.reduce((least, { length }) => Math.min(least, length), Infinity);
    this.#needles = this.#literals.length > SINGLE_SEARCHES_MAX ? coveringNeedles(this.#literals) : null;
    this.#automaton =
      this.#literals.length > SINGLE_SEARCHES_MAX ? new AhoCorasick(this.#literals.map(rarestPart)) : null;
  }

  /** Hands every rule that the field's texts (lower case) speak for to `candidate`; a rule may come more than once. */
  probe(texts: Texts, candidate: (rules: readonly number[]) => void): void {
    if (typeof texts === 'string') this.probeText(texts, candidate);
    else if (texts !== null) for (const text of texts) this.probeText(text, candidate);
  }

  /** Whether a text of this length can hold nothing that the index knows. */
  isTooShort(length: number): boolean {
    return length < this.#shortest && this.#exact.size === 0 && this.#tails.size === 0;
  }

  probeText(text: string, candidate: (rules: readonly number[]) => void): void {
    if (this.#exact.size > 0) {
      const rules = this.#exact.get(text);
      if (rules !== undefined) candidate(rules);
    }
    if (this.#tails.size > 0) this.#probeTail(text, candidate);
    if (text.length >= this.#shortest) this.#probeContent(text, candidate);
  }

  #probeContent(text: string, candidate: (rules: readonly number[]) => void): void {
    if (this.#needles !== null && !holdsAny(text, this.#needles)) return;
    if (this.#automaton !== null) {
      this.#automaton.scan(text, (i) => {
        if (text.includes(this.#literals[i] ?? '')) candidate(this.#speaksFor[i] ?? []);
      });
      return;
    }
    for (let i = 0; i < this.#literals.length; i++) {
      if (text.includes(this.#literals[i] ?? '')) candidate(this.#speaksFor[i] ?? []);
    }
  }

  #probeTail(text: string, candidate: (rules: readonly number[]) => void): void {
    const separator = Math.max(text.lastIndexOf('\\'), text.lastIndexOf('/'));
    if (separator < 0) return;
    const rules = this.#tails.get(text.slice(separator));
    if (rules !== undefined) candidate(rules);
  }
}

function holdsAny(text: string, needles: readonly string[]): boolean {
  for (let i = 0; i < needles.length; i++) if (text.includes(needles[i] ?? '')) return true;
  return false;
}
