/**
 * Finds which of many literals stand in a text, in one pass over it (Aho and Corasick, 1975), as a table of
 * state × character class. Characters that no literal has share class 0.
 */
export class AhoCorasick {
  readonly #classes: Uint16Array;
  readonly #width: number;
  readonly #next: Int32Array;
  /** State → index into `#outputs`, or 0 for none. */
  readonly #output: Int32Array;
  readonly #outputs: readonly (readonly number[])[];

  constructor(literals: readonly string[]) {
    const { classes, width } = classify(literals);
    this.#classes = classes;
    this.#width = width;
    const trie = buildTrie(literals, classes, width);
    const outputs: number[][] = [[]];
    this.#next = trie.next;
    this.#output = link(trie, width, outputs);
    this.#outputs = outputs;
  }

  /** Calls `found` with the index of each literal in the text; once or more for each. */
  scan(text: string, found: (literal: number) => void): void {
    const classes = this.#classes;
    const next = this.#next;
    const width = this.#width;
    const output = this.#output;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      state = next[state * width + (code < classes.length ? (classes[code] ?? 0) : 0)] ?? 0;
      const at = output[state] ?? 0;
      if (at !== 0) for (const literal of this.#outputs[at] ?? []) found(literal);
    }
  }
}

function classify(literals: readonly string[]): { classes: Uint16Array; width: number } {
  const codes = new Set<number>();
  for (const literal of literals) for (let i = 0; i < literal.length; i++) codes.add(literal.charCodeAt(i));
  let highest = 0;
  for (const code of codes) highest = Math.max(highest, code);
  const classes = new Uint16Array(highest + 1);
  let width = 1;
  for (const code of [...codes].toSorted((a, b) => a - b)) classes[code] = width++;
  return { classes, width };
}

interface Trie {
  readonly next: Int32Array;
  readonly states: number;
  readonly ends: ReadonlyMap<number, readonly number[]>;
}

function buildTrie(literals: readonly string[], classes: Uint16Array, width: number): Trie {
  const room = literals.reduce((sum, literal) => sum + literal.length, 1);
  const next = new Int32Array(room * width);
  const ends = new Map<number, number[]>();
  let states = 1;
  literals.forEach((literal, index) => {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const edge = state * width + (classes[literal.charCodeAt(i)] ?? 0);
      if (next[edge] === 0) next[edge] = states++;
      state = next[edge] ?? 0;
    }
    ends.set(state, [...(ends.get(state) ?? []), index]);
  });
  return { next: next.slice(0, states * width), states, ends };
}

/** Fills in where to go on a mismatch, breadth first, and gathers what ends in each state. */
function link(trie: Trie, width: number, outputs: number[][]): Int32Array {
  const { next, states, ends } = trie;
  const fail = new Int32Array(states);
  const output = new Int32Array(states);
  const queue = new Int32Array(states);
  let head = 0;
  let tail = 1;
  while (head < tail) {
    const state = queue[head++] ?? 0;
    const base = state * width;
    const failBase = (fail[state] ?? 0) * width;
    for (let c = 0; c < width; c++) {
      const child = next[base + c] ?? 0;
      const fallback = state === 0 ? 0 : (next[failBase + c] ?? 0);
      if (child === 0) next[base + c] = fallback;
      else {
        fail[child] = fallback;
        queue[tail++] = child;
        output[child] = outputOf(ends.get(child), output[fallback] ?? 0, outputs);
      }
    }
  }
  return output;
}

function outputOf(own: readonly number[] | undefined, inherited: number, outputs: number[][]): number {
  if (own === undefined) return inherited;
  return outputs.push([...own, ...(outputs[inherited] ?? [])]) - 1;
}
