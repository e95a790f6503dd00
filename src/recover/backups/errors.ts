import { WardkeepError } from '#kernel';

export type BackupErrorCode = 'unreadable' | 'damaged' | 'wrong_key' | 'newer_format' | 'not_empty';

export class BackupError extends WardkeepError<BackupErrorCode> {}
