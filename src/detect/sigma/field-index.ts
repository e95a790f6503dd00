import { type Candidate, LiteralIndex } from './literal-index.ts';
import type { Texts } from './values.ts';
import type { Witness } from './witness.ts';

const OUTSIDE_ASCII = /[\u0080-\uffff]/;

/** The witnesses of one field, and the rules (by number) that each speaks for. */
export class FieldIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #tails = new Map<string, number[]>();
  readonly #contains = new Map<string, number[]>();
  #ascii = new LiteralIndex(new Map());
  /** Literals by a character outside ASCII: some rules list thousands, and few texts have any. */
  readonly #unusual = new Map<string, { literal: string; rules: readonly number[] }[]>();

  add(witness: Witness, rule: number): void {
    const table = witness.kind === 'exact' ? this.#exact : witness.kind === 'tail' ? this.#tails : this.#contains;
    const rules = table.get(witness.literal);
    if (rules === undefined) table.set(witness.literal, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  /** After the last `add`. */
  seal(): void {
    const ascii = new Map<string, readonly number[]>();
    for (const [literal, rules] of this.#contains) {
      const char = OUTSIDE_ASCII.exec(literal)?.[0];
      if (char === undefined) ascii.set(literal, rules);
      else this.#unusualOf(char).push({ literal, rules });
    }
    this.#ascii = new LiteralIndex(ascii);
  }

  #unusualOf(char: string): { literal: string; rules: readonly number[] }[] {
    const known = this.#unusual.get(char) ?? [];
    this.#unusual.set(char, known);
    return known;
  }

  /** Hands every rule that the field's texts (lower case) speak for to `candidate`; a rule may come more than once. */
  probe(texts: Texts, candidate: Candidate): void {
    if (typeof texts === 'string') this.probeText(texts, candidate);
    else if (texts !== null) for (const text of texts) this.probeText(text, candidate);
  }

  /** Whether a text of this length can hold nothing that the index knows. */
  isTooShort(length: number): boolean {
    return length < this.#ascii.shortest && this.#exact.size + this.#tails.size + this.#unusual.size === 0;
  }

  probeText(text: string, candidate: Candidate): void {
    if (this.#exact.size > 0) {
      const rules = this.#exact.get(text);
      if (rules !== undefined) candidate(rules);
    }
    if (this.#tails.size > 0) this.#probeTail(text, candidate);
    this.#ascii.probe(text, candidate);
    if (this.#unusual.size > 0 && OUTSIDE_ASCII.test(text)) this.#probeUnusual(text, candidate);
  }

  #probeUnusual(text: string, candidate: Candidate): void {
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) < 0x80) continue;
      for (const { literal, rules } of this.#unusual.get(text[i] ?? '') ?? []) {
        if (text.includes(literal)) candidate(rules);
      }
    }
  }

  #probeTail(text: string, candidate: Candidate): void {
    const separator = Math.max(text.lastIndexOf('\\'), text.lastIndexOf('/'));
    if (separator < 0) return;
    const rules = this.#tails.get(text.slice(separator));
    if (rules !== undefined) candidate(rules);
  }
}
