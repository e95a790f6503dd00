import { WardkeepError } from '#kernel';

export type ForwardingErrorCode =
  /** The target is no address of a kind that is known. */
  | 'bad_target'
  /** The receiver cannot be reached, or took too long. */
  | 'unreachable'
  /** The receiver does not want it. */
  | 'refused';

export class ForwardingError extends WardkeepError<ForwardingErrorCode> {}
