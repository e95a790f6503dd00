export { outboxOf } from './erasure.ts';
export { NotificationsError, type NotificationsErrorCode } from './errors.ts';
export { type ChannelStatus, type Notifier, type NotifierOptions, openNotifier } from './notifier.ts';
export { NOTIFICATIONS_MIGRATIONS, type NotificationsTables } from './store.ts';
export type { DigestFacts, News, NotificationSettings, NotifiedIncident } from './types.ts';
