import { WardkeepError } from '#kernel';

export type LiveErrorCode =
  | 'no_such_source'
  /** Nothing can be taken now: the disk is full, a write failed, or Wardkeep is stopping. Nothing of it was accepted. */
  | 'unavailable'
  /** One submission is more than can become durable at once. */
  | 'too_large'
  /** The mapping thread died over this submission, also when it was tried again by itself. */
  | 'mapping_failed'
  | 'bad_option'
  /** An event of Wardkeep's own is not valid OCSF: a bug of ours. */
  | 'bad_event'
  /** No more sources can be kept. */
  | 'too_many_sources'
  /** A listener cannot open its port. */
  | 'cannot_listen';

export class LiveError extends WardkeepError<LiveErrorCode> {}
