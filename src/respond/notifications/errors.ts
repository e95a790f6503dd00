import { WardkeepError } from '#kernel';

export type NotificationsErrorCode = 'not_set_up' | 'unreachable' | 'refused';

export class NotificationsError extends WardkeepError<NotificationsErrorCode> {}
