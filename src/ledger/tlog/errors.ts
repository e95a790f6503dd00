import { WardkeepError } from '#kernel';

export type TlogErrorCode =
  /** Text or bytes that do not have the form that their specification asks for. */
  | 'malformed'
  /** A size, index, count or length beyond a named limit. */
  | 'limit'
  /** A key of a type or algorithm that is not supported where it is used. */
  | 'unsupported_key'
  /** A proof that cannot exist: an index outside its tree, sizes out of order. */
  | 'out_of_range'
  /** A tile that its reader gave with too few bytes. */
  | 'short_tile';

/** What goes wrong while a transparency-log format is read, built or signed. Verification never throws it. */
export class TlogError extends WardkeepError<TlogErrorCode> {}

/** Shorthand of every parser. */
export function malformed(message: string): TlogError {
  return new TlogError('malformed', message);
}
