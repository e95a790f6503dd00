/**
 * `work` with its last `most` answers remembered, for names that come again and again and cost more to work out than to
 * look up. `work` must always give the same for the same text.
 */
export function remembering<Value>(most: number, work: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = work(text);
    // What came first goes first: keeping the order of use would cost each look-up what it spares.
    const [oldest] = known.size >= most ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    known.set(text, value);
    return value;
  };
}
