/** Names under which only certain words can stand: the server's own schemas refuse others. */
const CLOSED = new Set([
  'id',
  'href',
  'severity',
  'state',
  'verdict',
  'level',
  'levelInFile',
  'health',
  'role',
  'rights',
  'urgency',
  'picture',
  'type',
  'page',
  'code',
  'kind',
  'origin',
  'algorithm',
  'from',
  'quiet',
  'digestAt',
  'zone',
  'secrets',
  'scopes',
  'day',
]);

/** The same thing with this text in every place that takes any text; links and pages find it by the ids that stay. */
export function planted<T>(value: T, text: string, isIdKept = true): T {
  const walk = (one: unknown, name: string): unknown => {
    if (typeof one === 'string') return CLOSED.has(name) && (name !== 'id' || isIdKept) ? one : text;
    if (Array.isArray(one)) return CLOSED.has(name) ? one : one.map((item) => walk(item, name));
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner, key)]));
  };
  return walk(value, '') as T;
}
