import { z } from 'zod';
import { ConsoleError } from './errors.ts';
import { PAGE_DEFAULT, PAGE_MAX, QUERY_CHARS_MAX } from './limits.ts';

/** A whole number in a query or path. */
export const Whole = z
  .string()
  .regex(/^\d{1,16}$/, 'a whole number')
  .transform(Number)
  .refine((value) => Number.isSafeInteger(value), 'too large');
export const Limit = Whole.refine((value) => value >= 1 && value <= PAGE_MAX, `1 to ${PAGE_MAX}`).default(PAGE_DEFAULT);
/** `next` of the page before, of a list with an order: a number, or a key and a number. */
export const Cursor = z
  .string()
  .regex(/^(?:-?\d{1,15}\.)?\d{1,15}$/, '`next` of the page before')
  .exactOptional();
/** What a list is ordered by: a key, or with `-` from the greatest down. */
export function sortBy<Key extends string>(keys: readonly Key[]) {
  return z.enum([...keys, ...keys.map((key) => `-${key}` as const)]).exactOptional();
}
/** Words or a name to look for. */
export const Words = z.string().min(1).max(256);
export const IdParams = z.strictObject({ id: z.string().min(1).max(256) });
export const IndexParams = z.strictObject({ index: Whole });

/**
 * A value against its schema.
 * @throws {ConsoleError} `invalid`; the message names the place, never the value
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where =
    issue === undefined || issue.path.length === 0 ? what : `${what}: ${issue.path.join('.').slice(0, 200)}`;
  const why =
    issue?.code === 'unrecognized_keys' ? 'holds a name that is not known' : (issue?.message ?? 'is not right');
  throw new ConsoleError('invalid', `${where}: ${why.slice(0, 200)}`, {
    advice: 'GET /api/v1/openapi.json describes what is taken',
  });
}

/**
 * The parameters of a query; each may stand once.
 * @throws {ConsoleError} `invalid`
 */
export function queryOf(url: URL): Record<string, string> {
  if (url.search.length > QUERY_CHARS_MAX) throw new ConsoleError('invalid', 'the query is too long');
  const found = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (found.has(name)) throw new ConsoleError('invalid', 'a parameter of the query stands twice');
    found.set(name, value);
  }
  return Object.fromEntries(found);
}
