import { WardkeepError } from '#kernel';

export type CorrelationStateCode = 'state_unreadable' | 'state_too_new';

/** A saved state that cannot be taken up. */
export class CorrelationStateError extends WardkeepError<CorrelationStateCode> {}
