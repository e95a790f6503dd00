/** Where a JSON value stands in its text. */
export interface Span {
  start: number;
  end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** The values of a text that holds JSON values one after the other; null when one of them has no end. */
export function concatenatedValues(text: string, limit: number): Span[] | null {
  const spans: Span[] = [];
  for (let at = skipBlank(text, 0); at < text.length; at = skipBlank(text, at)) {
    const end = valueEnd(text, at);
    if (end === null || spans.length >= limit) return null;
    spans.push({ start: at, end });
    at = end;
  }
  return spans;
}

/** The members of an object in a valid text, by name; of equal names the last, as `JSON.parse` has it. */
export function membersOf(text: string, { start, end }: Span): Map<string, Span> {
  const members = new Map<string, Span>();
  let at = skipBlank(text, start + 1);
  while (at < end - 1) {
    const nameEnd = valueEnd(text, at) ?? end;
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const valueAt = skipBlank(text, skipBlank(text, nameEnd) + 1);
    const valueTo = valueEnd(text, valueAt) ?? end;
    members.set(name, { start: valueAt, end: valueTo });
    at = skipBlank(text, valueTo);
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return members;
}

/** The elements of an array in a valid text. */
export function elementsOf(text: string, { start, end }: Span): Span[] {
  const elements: Span[] = [];
  let at = skipBlank(text, start + 1);
  while (at < end - 1) {
    const to = valueEnd(text, at) ?? end;
    elements.push({ start: at, end: to });
    at = skipBlank(text, to);
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return elements;
}

/** Behind the value that begins at `at`; null when it has no end. Tells where it ends, not whether it is valid. */
function valueEnd(text: string, at: number): number | null {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return stringEnd(text, at);
  if (first !== 0x7b && first !== 0x5b) return scalarEnd(text, at);
  let depth = 0;
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      const end = stringEnd(text, i);
      if (end === null) return null;
      i = end - 1;
    } else if (code === 0x7b || code === 0x5b) depth += 1;
    else if ((code === 0x7d || code === 0x5d) && (depth -= 1) === 0) return i + 1;
  }
  return null;
}

function stringEnd(text: string, at: number): number | null {
  for (let i = at + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) return i + 1;
  }
  return null;
}

/** A number or a word; at least one character, so that a text is always got through. */
function scalarEnd(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && !isBlank(text.charCodeAt(i)) && !',:]}{["'.includes(text.charAt(i))) i += 1;
  return i;
}

function skipBlank(text: string, at: number): number {
  let i = at;
  while (i < text.length && isBlank(text.charCodeAt(i))) i += 1;
  return i;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
