import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '#kernel';

function markPath(dir: string): string {
  return join(dir, 'run', 'last-backup.json');
}

/** Leaves in the data directory when it was backed up last; a directory that cannot be written is backed up all the same. */
export function noteBackup(dir: string, createdMs: number): void {
  try {
    mkdirSync(dirname(markPath(dir)), { recursive: true, mode: 0o700 });
    replaceFile(markPath(dir), JSON.stringify({ createdMs }));
  } catch {
    return;
  }
}

/** When the directory was backed up last, ms; null where nothing is known of it. */
export function lastBackupMs(dir: string): number | null {
  try {
    const { createdMs } = JSON.parse(readFileSync(markPath(dir), 'utf8')) as { createdMs?: unknown };
    return typeof createdMs === 'number' ? createdMs : null;
  } catch {
    return null;
  }
}
