import { closeSync, copyFileSync, existsSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, backup } from 'node:sqlite';
import { syncPath } from '#kernel';

/** Beside the file itself: its write-ahead log and what belongs to that. */
const TAILS = ['', '-wal', '-shm'] as const;
const STATE = 'state.sqlite';

export function statePath(dir: string): string {
  return join(dir, STATE);
}

/** A name for the state as it was, in the same directory; a backup leaves it out. */
export function keptName(nowMs: number): string {
  return `state-before-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}.sqlite`;
}

/** Removes a database with what belongs to it; does nothing where there is none. */
export function removeDatabase(path: string): void {
  for (const tail of TAILS) rmSync(`${path}${tail}`, { force: true });
}

/** An empty file for a database, for its owner alone: SQLite would make one that everybody may read. */
export function makeDatabase(path: string): void {
  removeDatabase(path);
  closeSync(openSync(path, 'a', 0o600));
}

/**
 * A copy of a database as it stands, its write-ahead log included, for its owner alone.
 * @throws what SQLite does when it is none, or damaged.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  makeDatabase(to);
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(source, to);
  } finally {
    source.close();
  }
  syncPath(to);
}

/**
 * Puts a whole new database in the place of the state, whose own is kept under `kept`. At no moment is there no state: the
 * last step is one renaming. Nobody has either of them open.
 */
export function replaceState(dir: string, fresh: string, kept: string): void {
  const path = statePath(dir);
  if (existsSync(path)) {
    settleLog(path);
    for (const tail of TAILS) if (existsSync(`${path}${tail}`)) keep(`${path}${tail}`, join(dir, `${kept}${tail}`));
    syncPath(dir);
    // A log that is left would be taken for that of the new file.
    for (const tail of TAILS.slice(1)) rmSync(`${path}${tail}`, { force: true });
  }
  syncPath(fresh);
  renameSync(fresh, path);
  syncPath(dir);
}

/** Brings the write-ahead log into the file; of a damaged file it is kept as it is. */
function settleLog(path: string): void {
  try {
    const database = new DatabaseSync(path);
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      database.close();
    }
  } catch {
    return;
  }
}

function keep(path: string, kept: string): void {
  rmSync(kept, { force: true });
  try {
    linkSync(path, kept);
  } catch {
    // Not every file system has links.
    copyFileSync(path, kept);
    syncPath(kept);
  }
}
