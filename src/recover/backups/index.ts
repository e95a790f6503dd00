export { type BackupOptions, backUp } from './backup.ts';
export { BackupError, type BackupErrorCode } from './errors.ts';
export { lastBackupMs } from './last-backup.ts';
export { Repository } from './repository.ts';
export { type RestoreOptions, restore } from './restore.ts';
export type { BackupSummary, Secret, Snapshot } from './types.ts';
