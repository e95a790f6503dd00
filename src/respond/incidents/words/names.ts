/** Names that one sentence lists. */
export const NAMES_MAX = 4;

/** `a, b and c`, or `a, b, c, d and 3 more`; empty without names. */
export function listed(names: readonly string[], and: string, more: (left: number) => string): string {
  const shown = names.slice(0, NAMES_MAX);
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} ${and} ${more(left)}`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} ${and} ${shown.at(-1) ?? ''}`;
}

/** The first text that is not empty. */
export function either(...texts: readonly string[]): string {
  return texts.find((text) => text !== '') ?? '';
}
