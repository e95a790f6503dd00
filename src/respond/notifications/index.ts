export { NotificationsError, type NotificationsErrorCode } from './errors.ts';
