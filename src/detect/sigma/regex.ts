import { setFlagsFromString } from 'node:v8';
import { RE2JS } from 're2js';
import { REGEX_INPUT_MAX, REGEX_SOURCE_MAX } from './limits.ts';

/** Gives `RegExp` the flag `l`: linear time or a syntax error. It must be set before the first such expression. */
setFlagsFromString('--enable-experimental-regexp-engine');

export interface RegexCounter {
  regexInputsCut: number;
}

export interface CompiledRegex {
  /** Which of the two linear engines runs it. */
  readonly engine: 'v8' | 're2';
  test(text: string): boolean;
}

const INLINE_FLAGS = /^\(\?([ims]+)\)/;

/**
 * Takes `(?i)` and its like from the front of a PCRE pattern, which JavaScript has only as flags.
 * @returns the bare pattern and all flags, sorted, each once.
 */
export function splitInlineFlags(source: string, flags: string): { source: string; flags: string } {
  const inline = INLINE_FLAGS.exec(source);
  const all = new Set(`${flags}${inline?.[1] ?? ''}`.split(''));
  return { source: inline === null ? source : source.slice(inline[0].length), flags: [...all].toSorted().join('') };
}

/**
 * Compiles a rule's regular expression on RE2 or, where that does not take the pattern, on V8's linear engine; never on
 * the backtracking engine. RE2 comes first because it is 10 to 100 times faster on long texts and because V8's linear
 * engine has no case-insensitive mode and no large repetition. The expression is unanchored and sees the first
 * REGEX_INPUT_MAX characters; longer texts are counted.
 * @returns the reason as text when neither engine takes it.
 */
export function compileRegex(source: string, flags: string, counter: RegexCounter): CompiledRegex | string {
  if (source.length > REGEX_SOURCE_MAX) return `regular expression is longer than ${REGEX_SOURCE_MAX} characters`;
  const re2 = compileRe2(source, flags);
  const compiled = typeof re2 === 'string' ? (compileV8(source, flags) ?? re2) : re2;
  if (typeof compiled === 'string') return compiled;
  return {
    engine: compiled.engine,
    test: (text) => {
      if (text.length <= REGEX_INPUT_MAX) return compiled.test(text);
      counter.regexInputsCut++;
      return compiled.test(text.slice(0, REGEX_INPUT_MAX));
    },
  };
}

function compileV8(source: string, flags: string): CompiledRegex | null {
  try {
    const regex = new RegExp(source, `l${flags}`);
    return { engine: 'v8', test: (text) => regex.test(text) };
  } catch {
    return null;
  }
}

function compileRe2(source: string, flags: string): CompiledRegex | string {
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  try {
    const regex = RE2JS.compile(RE2JS.translateRegExp(source), bits);
    return { engine: 're2', test: (text) => regex.test(text) };
  } catch (error) {
    return `regular expression cannot run in linear time (${error instanceof Error ? error.message : String(error)})`;
  }
}
