/**
 * The entry of a table of constants under a word from outside. A record may well state `constructor` or `__proto__`, which
 * every object answers to; only the table's own names count. Undefined where there is none.
 */
export function entryOf<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
