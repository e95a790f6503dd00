/** The value at a dotted path of an event (`actor.user.name`, `evidences.0.data`), or undefined. */
function valueAt(event: unknown, path: string): unknown {
  let value: unknown = event;
  for (const key of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

/** The texts at the given dotted paths, in their order; what is missing, empty or no text is left out. */
export function textsAt(event: unknown, ...paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const value = valueAt(event, path);
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}
