/**
 * `work` with up to `most` of its last answers remembered, for names that come again and again and cost more to work out than to
 * look up. `work` must always give the same for the same text.
 */
export function remembering<Value>(most: number, work: (text: string) => Value): (text: string) => Value {
  // Two halves: what is not asked for while one of them fills goes with the other. Deleting one by one would be slow, since
  // a Map passes over what was deleted until it is built anew.
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const older = old.get(text);
    const value = older === undefined ? work(text) : older;
    if (young.size >= Math.ceil(most / 2)) [old, young] = [young, new Map()];
    young.set(text, value);
    return value;
  };
}
