import { z } from 'zod';

/** Names of the schemas that the API's description lists as components. */
export const API_SCHEMAS = z.registry<{ id: string }>();

/** Never when a schema says more or less than its type. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never;

/**
 * The schema of a type of the API, under its name. The compiler refuses a schema that says more or less than the type, so
 * that what the browser is compiled against, what the server checks and what the description says are one.
 */
export function schemaOf<T>(id: string) {
  return <S extends z.ZodType>(schema: S & Same<z.output<S>, T>): S => {
    API_SCHEMAS.add(schema, { id });
    return schema;
  };
}

/** A page of a list. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** Milliseconds since the epoch, as the server says them: a forged event may state any number. */
export const Ms = z.number();
/** Milliseconds since the epoch, as the server takes them. */
export const MsInput = z.number().int().min(0).max(8.64e15);
/** A count or an index. */
export const Count = z.number().int().nonnegative();
/** An opaque id of ours. */
export const Id = z.string().min(1).max(128);
