import type { Submission } from '../types.ts';

/** Texts as one submission, each a record of its own. */
export function recordsOf(texts: readonly string[]): Pick<Submission, 'framing' | 'bytes' | 'lengths'> {
  const lengths = Uint32Array.from(texts, (text) => Buffer.byteLength(text));
  return { framing: 'records', bytes: Buffer.from(texts.join('')), lengths };
}

/** The JSON value of a text; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
