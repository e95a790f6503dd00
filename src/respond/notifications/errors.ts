import { WardkeepError } from '#kernel';

export type NotificationsErrorCode =
  /** The way is not set up, or its settings cannot be used. */
  | 'not_set_up'
  /** Nobody answers, or not in time. */
  | 'unreachable'
  /** The other side answers, and does not take the message. */
  | 'refused';

export class NotificationsError extends WardkeepError<NotificationsErrorCode> {}
