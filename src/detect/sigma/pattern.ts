import type { Folding, Test, TextForm, WildToken } from './types.ts';

/**
 * Reads a Sigma string (rules specification, "String Wildcard" and "Escape Character"): `*` and `?` are wildcards,
 * `\*` and `\?` are literal, `\\` before a wildcard is a backslash, every other backslash stands for itself and a
 * doubled one for one.
 */
export function parseWildcards(text: string): WildToken[] {
  const tokens: WildToken[] = [];
  let literal = '';
  const wildcard = (token: 0 | 1): void => {
    if (literal !== '') tokens.push(literal);
    literal = '';
    if (token === 1 || tokens.at(-1) !== 0) tokens.push(token);
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '*') wildcard(0);
    else if (char === '?') wildcard(1);
    else if (char === '\\' && isEscapable(text[i + 1])) literal += text[++i];
    else literal += char;
  }
  if (literal !== '') tokens.push(literal);
  return tokens;
}

function isEscapable(char: string | undefined): boolean {
  return char === '*' || char === '?' || char === '\\';
}

/** Puts `*` where `contains`, `startswith` or `endswith` ask for it. */
export function applyForm(tokens: readonly WildToken[], form: TextForm): WildToken[] {
  const out = [...tokens];
  if ((form === 'contains' || form === 'suffix') && out[0] !== 0) out.unshift(0);
  if ((form === 'contains' || form === 'prefix') && out.at(-1) !== 0) out.push(0);
  return out;
}

/** The cheapest test for a pattern: plain comparison where the stars stand at the ends alone. */
export function textTest(tokens: readonly WildToken[], folding: Folding): Test {
  const folded = tokens.map((token) => (typeof token === 'string' ? fold(token, folding) : token));
  const inner = folded.slice(folded[0] === 0 ? 1 : 0, folded.length > 1 && folded.at(-1) === 0 ? -1 : undefined);
  if (inner.length > 1 || typeof (inner[0] ?? '') !== 'string') return { kind: 'wild', tokens: folded, ...folding };
  if (inner.length === 0 && folded.length > 0) return { kind: 'text', form: 'contains', literal: '', ...folding };
  const literal = String(inner[0] ?? '');
  const open = folded[0] === 0;
  const shut = folded.at(-1) === 0;
  const form = open ? (shut ? 'contains' : 'suffix') : shut ? 'prefix' : 'exact';
  return { kind: 'text', form, literal, ...folding };
}

/** The five characters that `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar. */
const DASHES = /[-/\u2013\u2014\u2015]/g;

export function foldDashes(text: string): string {
  return text.replaceAll(DASHES, '-');
}

export function fold(text: string, folding: Folding): string {
  const dashed = folding.dashes ? foldDashes(text) : text;
  return folding.cased ? dashed : dashed.toLowerCase();
}

/** Compiles a wildcard pattern; both sides folded alike. Time is at most text × longest run with a `?`. */
export function compileWild(tokens: readonly WildToken[]): (text: string) => boolean {
  const segments: Segment[] = [];
  let current: (string | 1)[] = [];
  for (const token of [...tokens, 0 as const]) {
    if (token === '') continue;
    if (token !== 0) current.push(token);
    else {
      if (current.length > 0) segments.push(segment(current));
      current = [];
    }
  }
  const bare = tokens.filter((token) => token !== '');
  const openStart = bare[0] === 0;
  const openEnd = bare.at(-1) === 0;
  const least = segments.reduce((sum, { length }) => sum + length, 0);
  return (text) => text.length >= least && matchSegments(text, segments, openStart, openEnd);
}

interface Segment {
  readonly length: number;
  readonly parts: readonly { readonly at: number; readonly text: string }[];
}

function segment(tokens: readonly (string | 1)[]): Segment {
  const parts = [];
  let length = 0;
  for (const token of tokens) {
    if (token !== 1) parts.push({ at: length, text: token });
    length += token === 1 ? 1 : token.length;
  }
  return { length, parts };
}

function matchSegments(text: string, segments: readonly Segment[], openStart: boolean, openEnd: boolean): boolean {
  let position = 0;
  let first = 0;
  let last = segments.length;
  let end = text.length;
  if (!openStart) {
    const head = segments[0];
    if (head === undefined || !standsAt(text, head, 0)) return head === undefined && text === '';
    if (segments.length === 1 && !openEnd) return text.length === head.length;
    position = head.length;
    first = 1;
  }
  if (!openEnd && last > first) {
    const tail = segments[last - 1];
    if (tail === undefined || end - tail.length < position || !standsAt(text, tail, end - tail.length)) return false;
    end -= tail.length;
    last--;
  }
  for (let i = first; i < last; i++) {
    const found = findSegment(text, segments[i], position, end);
    if (found < 0) return false;
    position = found + (segments[i]?.length ?? 0);
  }
  return true;
}

function findSegment(text: string, wanted: Segment | undefined, from: number, end: number): number {
  if (wanted === undefined) return from;
  const anchor = wanted.parts[0];
  for (let at = from; at + wanted.length <= end; at++) {
    if (anchor !== undefined) {
      const hit = text.indexOf(anchor.text, at + anchor.at);
      if (hit < 0) return -1;
      at = hit - anchor.at;
      if (at + wanted.length > end) return -1;
    }
    if (standsAt(text, wanted, at)) return at;
  }
  return -1;
}

function standsAt(text: string, wanted: Segment, at: number): boolean {
  if (at + wanted.length > text.length) return false;
  for (const part of wanted.parts) if (!text.startsWith(part.text, at + part.at)) return false;
  return true;
}
