const QUANTIFIER_ZERO = /^(?:[?*]|\{0|\{,)/;
const QUANTIFIER = /^(?:[?*+]|\{\d*,?\d*\})[?+]?/;

/** The longest of `requiredLiterals`; null when there is none. */
export function requiredLiteral(source: string): string | null {
  const longest = requiredLiterals(source).reduce((best, text) => (text.length > best.length ? text : best), '');
  return longest === '' ? null : longest;
}

/**
 * Texts that every match of a regular expression holds, lower case; none when none is sure. It understands what stands
 * at the top level of the pattern and takes nothing for sure from groups, classes and alternatives.
 */
export function requiredLiterals(source: string): readonly string[] {
  const runs: string[] = [];
  let run = '';
  const cut = (): void => {
    if (run !== '') runs.push(run);
    run = '';
  };
  for (let i = 0; i < source.length;) {
    const item = readItem(source, i);
    if (item === null) return [];
    i += item.length;
    const rest = source.slice(i, i + 12);
    const quantifier = QUANTIFIER.exec(rest)?.[0];
    if (item.literal === null || (quantifier !== undefined && QUANTIFIER_ZERO.test(rest))) cut();
    else {
      run += item.literal;
      if (quantifier !== undefined) cut();
    }
    i += quantifier?.length ?? 0;
  }
  cut();
  return runs.map((text) => text.toLowerCase());
}

interface Item {
  readonly length: number;
  /** The one character it stands for; null when it is anything else. */
  readonly literal: string | null;
}

/** Null = an alternative at the top level, or a pattern that this reader does not understand. */
function readItem(source: string, at: number): Item | null {
  const char = source[at] ?? '';
  if (char === '|') return null;
  if (char === '(') return readGroup(source, at);
  if (char === '[') return readClass(source, at);
  if (char === '\\') return readEscape(source, at);
  if (char === '.' || char === '^' || char === '$') return { length: 1, literal: null };
  return { length: 1, literal: char };
}

function readEscape(source: string, at: number): Item | null {
  const char = source[at + 1];
  if (char === undefined || /[xuUcpPkQEN0-9]/.test(char)) return null;
  return { length: 2, literal: /[A-Za-z]/.test(char) ? null : char };
}

function readClass(source: string, at: number): Item | null {
  for (let i = at + (source[at + 1] === '^' ? 2 : 1); i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === ']') return { length: i + 1 - at, literal: null };
  }
  return null;
}

function readGroup(source: string, at: number): Item | null {
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (char === '[') i += (readClass(source, i)?.length ?? 1) - 1;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return { length: i + 1 - at, literal: null };
  }
  return null;
}
